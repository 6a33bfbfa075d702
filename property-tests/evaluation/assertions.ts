/**
 * Assertions that state their numbers.
 *
 * Node finds the words for a bare `assert.ok` by parsing the source of the test, again for every failure: half a minute while one
 * counterexample is shrunk.
 */
import assert from "node:assert/strict";

/** |got − want| ≤ tolerance; infinite and NaN only where both are the same. */
export function assertNear(got: number, want: number, tolerance: number, what = "value"): void {
  const near = Object.is(got, want) || Math.abs(got - want) <= tolerance;
  assert.ok(near, `${what}: got ${got}, want ${want} within ${tolerance}`);
}

/** smaller ≤ larger. */
export function assertNotAbove(smaller: number, larger: number, what = "value"): void {
  assert.ok(smaller <= larger, `${what}: ${smaller} exceeds ${larger}`);
}

/** Never falling, and all of them in [0, 1]. */
export function assertRisingRates(rates: ArrayLike<number>, what = "rates"): void {
  const all = Array.from(rates);
  const rising = all.every((rate, i) => rate >= (i === 0 ? 0 : all[i - 1]) && rate <= 1);
  assert.ok(rising, `${what}: do not rise in 0 .. 1: ${all.join(", ")}`);
}

/** Every item is among those allowed. */
export function assertAmong<Item>(items: Iterable<Item>, allowed: ReadonlySet<Item>, what = "item"): void {
  for (const item of items)
    assert.ok(allowed.has(item), `${what} ${String(item)} is not among ${allowed.size} allowed`);
}
