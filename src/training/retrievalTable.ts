/** The nearest images of a query as files: CSV for tables, JSON for programs. */
import { csvLine } from "./csv.js";
import type { SkippedImage } from "./imageSource.js";

/** One image of a gallery that was found. */
export interface FoundImage {
  /** From 1. */
  readonly rank: number;
  /** Cosine of its embedding and the query's. */
  readonly similarity: number;
  /** Its name, as the user knows it: a path below the gallery, or a number in a set. */
  readonly image: string;
  /** Whether it is of the query's class, where true classes are known. */
  readonly right?: boolean;
}

export interface Retrieval {
  readonly query: string;
  readonly gallery: string;
  readonly model: string;
  /** The part of the query that was asked about, and the sizes of images that were embedded, where they were given. */
  readonly crop?: readonly number[];
  readonly scales?: readonly number[];
  /** Of the embedding, the first ones that were compared, and how many it has. */
  readonly dimensions: number;
  readonly embedding: number;
  /** Images that were compared with the query. */
  readonly compared: number;
  /** Of the query's class among them, where true classes are known. */
  readonly ofItsClass?: number;
  readonly nearest: readonly FoundImage[];
  readonly skipped: readonly SkippedImage[];
}

const COLUMNS = ["rank", "similarity", "image"] as const;

/** Columns rank, similarity, image, and right where it is known. */
export function retrievalAsCsv({ nearest }: Pick<Retrieval, "nearest">): string {
  const isKnown = nearest.some(({ right }) => right !== undefined);
  const lines = nearest.map((found) => [
    ...COLUMNS.map((column) => found[column]),
    ...(isKnown ? [String(found.right)] : []),
  ]);
  return [[...COLUMNS, ...(isKnown ? ["right"] : [])], ...lines].map(csvLine).join("");
}

export function retrievalAsJson(retrieval: Retrieval): string {
  return `${JSON.stringify(retrieval, null, 2)}\n`;
}

/** Whether a text is one of these, so that it may be written anew. */
export function holdsRetrieval(text: string): boolean {
  return text.startsWith(COLUMNS.join(",")) || text.startsWith('{\n  "query": ');
}
