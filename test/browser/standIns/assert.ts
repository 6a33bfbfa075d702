/** node:assert/strict in a page: those of its functions that tests of numbers need. */

export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

type Expected = RegExp | ((error: unknown) => boolean) | (abstract new (...args: never[]) => Error);

export function fail(message = "failed"): never {
  throw new AssertionError(message);
}

export function ok(value: unknown, message = `${show(value)} is not truthy`): asserts value {
  if (!value) fail(message);
}

export function equal(actual: unknown, expected: unknown, message = "not equal"): void {
  if (!Object.is(actual, expected)) fail(`${message}: ${show(actual)}, expected ${show(expected)}`);
}

export function notEqual(actual: unknown, unexpected: unknown, message = "equal"): void {
  if (Object.is(actual, unexpected)) fail(`${message}: ${show(actual)}`);
}

export function deepEqual(actual: unknown, expected: unknown, message = "not equal"): void {
  if (!isSame(actual, expected)) fail(`${message}: ${show(actual)}, expected ${show(expected)}`);
}

export function notDeepEqual(actual: unknown, unexpected: unknown, message = "equal"): void {
  if (isSame(actual, unexpected)) fail(`${message}: ${show(actual)}`);
}

export function match(
  text: string,
  pattern: RegExp,
  message = `${show(text)} does not match ${String(pattern)}`,
): void {
  if (!pattern.test(text)) fail(message);
}

export function throws(body: () => unknown, expected?: Expected): void {
  try {
    body();
  } catch (error) {
    return check(error, expected);
  }
  fail("nothing was thrown");
}

export async function rejects(body: Promise<unknown> | (() => Promise<unknown>), expected?: Expected): Promise<void> {
  try {
    await (typeof body === "function" ? body() : body);
  } catch (error) {
    return check(error, expected);
  }
  fail("nothing was thrown");
}

function check(error: unknown, expected: Expected | undefined): void {
  if (expected === undefined) return;
  if (expected instanceof RegExp) return match(String(error), expected);
  const isClass = expected === Error || expected.prototype instanceof Error;
  const isMet = isClass ? error instanceof expected : (expected as (error: unknown) => boolean)(error);
  if (!isMet) throw error;
}

/** As node's strict deepEqual for numbers, texts, arrays and plain objects: same class, same keys, 0 is not −0, NaN is NaN. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const [ofA, ofB] = [a, b] as [Record<string, unknown>, Record<string, unknown>];
  const keys = Object.keys(ofA);
  return keys.length === Object.keys(ofB).length && keys.every((key) => key in ofB && isSame(ofA[key], ofB[key]));
}

function show(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (ArrayBuffer.isView(value))
    return `[${Array.from(value as Float32Array)
      .slice(0, 20)
      .join(", ")}]`;
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return String(value);
}

const assert = Object.assign(ok, {
  AssertionError,
  fail,
  ok,
  equal,
  notEqual,
  deepEqual,
  notDeepEqual,
  strictEqual: equal,
  deepStrictEqual: deepEqual,
  match,
  throws,
  rejects,
});
export { assert as default };
