/** The list of emoji, `emoji-classes.json`: what each class is called, what is written of it, and which part it is in. */

export const EMOJI_CLASSES_FILE = "emoji-classes.json";

/** In the order of their numbers; Unicode's groups in the order of its list. */
export const EMOJI_STYLES = ["noto", "twemoji", "openmoji", "emojitwo", "blob", "fluent"] as const;
export const EMOJI_GROUPS = [
  "Smileys & Emotion",
  "People & Body",
  "Animals & Nature",
  "Food & Drink",
  "Travel & Places",
  "Activities",
  "Objects",
  "Symbols",
  "Flags",
] as const;

export type EmojiStyle = (typeof EMOJI_STYLES)[number];

export interface EmojiClass {
  /** Code points in hexadecimal, joined by "-". */
  readonly code: string;
  readonly name: string;
  readonly group: (typeof EMOJI_GROUPS)[number];
  readonly keywords: readonly string[];
  readonly split: "train" | "test";
}

/** `{ vendors: [six styles], classes: [{ code, name, group, keywords, split }] }`. @throws Error naming file, class and field at fault. */
export function parseEmojiClasses(text: string, name: string): EmojiClass[] {
  const list = parseJson(text, name) as { vendors?: unknown; classes?: unknown } | null;
  const { vendors, classes } = list ?? {};
  if (JSON.stringify(vendors) !== JSON.stringify(EMOJI_STYLES)) {
    throw new Error(`${name}: "vendors" lists the styles ${EMOJI_STYLES.join(", ")}, in this order.`);
  }
  if (!Array.isArray(classes)) throw new Error(`${name}: "classes" is a list, this file has none.`);
  return classes.map((given: unknown, index) => {
    const fault = faultOf(given);
    if (fault === undefined) return given as EmojiClass;
    throw new Error(`${name}: class ${index}: ${fault}.`);
  });
}

function faultOf(given: unknown): string | undefined {
  const { code, name, group, keywords, split } = (given ?? {}) as Record<string, unknown>;
  if (!isText(code) || !isText(name)) return `"code" and "name" are texts`;
  if (!EMOJI_GROUPS.some((known) => known === group)) return `"group" is one of ${EMOJI_GROUPS.join(", ")}`;
  if (!Array.isArray(keywords) || !keywords.every(isText)) return `"keywords" is a list of texts`;
  if (split !== "train" && split !== "test") return `"split" is "train" or "test"`;
  return undefined;
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${name}: the file is no JSON: ${(cause as Error).message.replaceAll(/\s+/g, " ")}.`, { cause });
  }
}
