/**
 * Damaged JSON: a valid text with one to three of its values replaced, removed, renamed, repeated, buried or joined by another.
 *
 * The text is written by hand and not by JSON.stringify, so that it can hold what a JavaScript value cannot: a key twice, 1e999,
 * a `__proto__` of its own, brackets nested beyond the depth of any stack.
 */
import fc from "fast-check";

/** Values that readers do not expect, as JSON text. */
const NASTY = [
  ...["null", "true", "false", '""', '"text"', "[]", "{}", "[null]", '{"toString":1}', '{"length":-1}', '["builtin"]'],
  ...["0", "-0", "1", "-1", "0.5", "1e-320", "1e308", "1e999", "-1e999", "9007199254740993", "4294967296", "1e15"],
  ...['"NaN"', '"Infinity"', '"1"', '"__proto__"', '"constructor"', '"\\ud800"', '"\\u0000"', '"\\n\\n\\n"'],
] as const;
const NASTY_KEYS = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  "name",
  "toJSON",
  "0",
  "kind",
] as const;
/** Deeper than a recursive reader can follow. */
const DEPTHS = [2, 100, 20_000] as const;

interface Edit {
  /** Values are counted in the order in which they stand; taken modulo their number. */
  readonly node: number;
  readonly kind: "replace" | "remove" | "rename" | "repeat" | "bury" | "buryInKeys" | "add";
  /** The text that takes its place. */
  readonly text: string;
  readonly key: string;
  readonly depth: number;
}

/** One to three edits of the value; the story is the text itself. */
export function jsonMutants(value: unknown): fc.Arbitrary<string> {
  const edit = fc.record<Edit>({
    node: fc.nat({ max: countNodes(value) - 1 }),
    kind: fc.constantFrom("replace", "replace", "add", "add", "remove", "rename", "repeat", "bury", "buryInKeys"),
    text: fc.oneof(fc.constantFrom(...NASTY), fc.json({ maxDepth: 2 })),
    key: fc.oneof(fc.constantFrom(...NASTY_KEYS), fc.string({ maxLength: 6 })),
    depth: fc.constantFrom(...DEPTHS),
  });
  return fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) => render(value, edits));
}

/** A text whose characters changed: no JSON any more, mostly. */
export function textMutants(text: string): fc.Arbitrary<string> {
  const place = fc.nat({ max: text.length });
  const piece = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom("\n", "\ufeff", "\0", "{", "]", ",", '"', "NaN"));
  return fc.oneof(
    place.map((at) => text.slice(0, at)),
    fc.tuple(place, piece).map(([at, more]) => text.slice(0, at) + more + text.slice(at)),
    fc
      .tuple(place, fc.nat({ max: 10 }), piece)
      .map(([at, count, more]) => text.slice(0, at) + more + text.slice(at + count)),
    fc.string({ maxLength: 50 }),
  );
}

function isGroup(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function countNodes(value: unknown): number {
  if (!isGroup(value)) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countNodes(inner), 1);
}

/** The JSON text of the value with all edits made. */
function render(root: unknown, edits: readonly Edit[]): string {
  let visited = 0;
  const textOf = (value: unknown, key?: string): string => {
    const node = visited++;
    const mine = edits.filter((edit) => edit.node === node);
    const plain = isGroup(value) ? groupOf(value) : JSON.stringify(value);
    const text = mine.reduce(edited, plain);
    if (key === undefined) return text; // of a list, or the whole
    if (mine.some(({ kind }) => kind === "remove")) return "";
    const renamed = mine.find(({ kind }) => kind === "rename");
    const member = `${JSON.stringify(renamed ? renamed.key : key)}:${text}`;
    const repeated = mine.find(({ kind }) => kind === "repeat");
    return repeated ? `${member},${JSON.stringify(key)}:${repeated.text}` : member;
  };
  const groupOf = (value: object): string => {
    if (Array.isArray(value)) return `[${value.map((inner) => textOf(inner)).join(",")}]`;
    const members = Object.entries(value).map(([key, inner]) => textOf(inner, key));
    return `{${members.filter((member) => member !== "").join(",")}}`;
  };
  return textOf(root);
}

function edited(text: string, { kind, text: replacement, key, depth }: Edit): string {
  if (kind === "replace") return replacement;
  if (kind === "bury") return "[".repeat(depth) + text + "]".repeat(depth);
  if (kind === "buryInKeys") return `{${JSON.stringify(key)}:`.repeat(depth) + text + "}".repeat(depth);
  if (kind === "add" && text.startsWith("{")) {
    return `{${JSON.stringify(key)}:${replacement}${text === "{}" ? "" : ","}${text.slice(1)}`;
  }
  return text;
}
