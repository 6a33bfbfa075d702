/** Pictures for the report: test images with their nearest neighbours, kept in the run folder so that a report needs no data set. */
import { z } from "zod";
import { explainIssue } from "./explainIssue.js";

const example = z.object({
  label: z.int(),
  /** The image as a data URL: a report has no other source of pictures. */
  picture: z.string().startsWith("data:image/png;base64,", { error: "a PNG as a data URL" }),
});

const exampleRow = z.object({
  query: example,
  /** Nearest first. */
  nearest: z.array(example.extend({ cosine: z.number() })),
});

export type ExampleRow = Readonly<z.infer<typeof exampleRow>>;

/** Reads what was stored. Throws a sentence that names the field at fault. */
export function parseExamples(text: string): ExampleRow[] {
  const value: unknown = JSON.parse(text);
  const { data, error } = z.array(exampleRow).safeParse(value);
  if (error) throw new Error(explainIssue(error.issues[0], value));
  return data;
}
