/** What is wrong with a value that was checked, as one sentence without its full stop: the field, the rule, the value given. */
import type { z } from "zod";

/** Unknown names that are listed before the rest is left out. */
const LISTED = 6;

const KINDS: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
};

/**
 * "head.ratio must be at most 1, given 1.5".
 *
 * @param value what was checked
 * @param model a valid value of the same form, from which the names that exist are listed when one does not
 */
export function explainIssue(issue: z.core.$ZodIssue, value: unknown, model?: unknown): string {
  const at = issue.path.join(".");
  const given = inner(value, issue.path);
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.slice(0, LISTED).map(shown).join(", ") + (issue.keys.length > LISTED ? ", …" : "");
    const known = Object.keys(inner(model, issue.path) ?? {});
    return `${at ? `${at} has` : "there is"} no ${names}${known.length > 0 ? `; there are ${known.join(", ")}` : ""}`;
  }
  return `${at || "it"} must be ${ruleOf(issue)}, ${given === undefined ? "but is missing" : `given ${shown(given)}`}`;
}

function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return KINDS[issue.expected] ?? issue.expected;
    case "too_small":
      return bound(issue.inclusive ? "at least" : "more than", issue.minimum, issue.origin);
    case "too_big":
      return bound(issue.inclusive ? "at most" : "less than", issue.maximum, issue.origin);
    case "invalid_value":
      return `${issue.values.length > 1 ? "one of " : ""}${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    default:
      return issue.message;
  }
}

function bound(comparison: string, limit: number | bigint, origin: string): string {
  return origin === "array" ? `a list of ${comparison} ${limit}` : `${comparison} ${limit}`;
}

function inner(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((level, key) => (level as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** A value for a message, cut short where it is long. */
export function shown(value: unknown): string {
  const text = outline(value, 3);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** JSON to a certain depth: brackets may be nested deeper than the stack is. Infinity, which JSON writes as null, is named. */
function outline(value: unknown, depth: number): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (depth === 0) return "…";
  if (Array.isArray(value)) return `[${value.map((inner) => outline(inner, depth - 1)).join(",")}]`;
  const members = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${outline(inner, depth - 1)}`);
  return `{${members.join(",")}}`;
}
