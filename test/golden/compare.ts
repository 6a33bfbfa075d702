/**
 * Compares what was computed with what was recorded, every recorded number of it.
 *
 * The recorded tree leads: each of its leaves must have a counterpart, and a key that was not computed makes the case unsupported.
 * Floats agree when |got − want| <= absolute + relative · |want|; integers, counts, labels and words when they are equal.
 */
import { formatShape, sameShape } from "../../src/tensor/shape.js";
import { isRecord, isTensor, toValues, Unsupported, type Json, type Values } from "./fields.js";

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** Must be equal to the last digit: a count, a word, a list of those. */
export class Exact {
  constructor(readonly value: Json) {}
}

/** Recorded for information; there is nothing to compute. Says why. */
export class Informative {
  constructor(readonly reason: string) {}
}

/** Loses digits for a reason that the case itself has: a row may differ by its share of the largest number of the tensor besides. */
export class Blurred {
  constructor(
    readonly result: Values,
    /** One a row, or one for all of them. */
    readonly shares: readonly number[],
  ) {}
}

/** Two readings of what was recorded; one of them must agree. */
export class Either {
  constructor(
    readonly first: Result,
    readonly second: Result,
  ) {}
}

export type Result =
  Values | number | Exact | Informative | Blurred | Either | readonly Result[] | { readonly [key: string]: Result };

export interface Comparison {
  /** Numbers and words that were compared. */
  compared: number;
  readonly differences: string[];
}

/** Adds to `comparison` what the subtree `want` and its counterpart `got` differ in. */
export function compare(
  path: string,
  got: Result | undefined,
  want: Json,
  tolerance: Tolerance,
  comparison: Comparison,
): void {
  if (got === undefined) throw new Unsupported(`${path} is recorded, and the runner does not compute it`);
  if (got instanceof Informative) return;
  if (got instanceof Blurred) compareBlurred(path, got, toValues(want, path), tolerance, comparison);
  else if (got instanceof Either) compareEither(path, got, want, tolerance, comparison);
  else if (got instanceof Exact) compareExact(path, got.value, want, comparison);
  else if (isTensor(want)) compareTensors(path, got, toValues(want, path), tolerance, comparison);
  else if (Array.isArray(want)) compareLists(path, got, want as Json[], tolerance, comparison);
  else if (isRecord(want)) {
    for (const [key, value] of Object.entries(want)) {
      compare(`${path}.${key}`, property(got, key), value, tolerance, comparison);
    }
  } else if (typeof want === "number" || want === null) {
    compareNumbers(path, got, want ?? NaN, tolerance, comparison);
  } else throw new Unsupported(`${path} is ${JSON.stringify(want)}, which the runner does not compute`);
}

/** Row by row, each within its own tolerance. */
function compareBlurred(
  path: string,
  { result, shares }: Blurred,
  want: Values,
  tolerance: Tolerance,
  comparison: Comparison,
): void {
  const largest = Math.max(...Array.from(want.data, Math.abs));
  const rows = shares.length;
  const rowOf = ({ shape, data }: Values, row: number): Values => {
    const size = data.length / rows;
    return { shape: [shape[0] / rows, ...shape.slice(1)], data: data.subarray(row * size, (row + 1) * size) };
  };
  shares.forEach((share, row) => {
    const absolute = tolerance.absolute + share * largest;
    const at = rows > 1 ? `${path}, row ${row}` : path;
    compareTensors(at, rowOf(result, row), rowOf(want, row), { ...tolerance, absolute }, comparison);
  });
}

function compareEither(
  path: string,
  { first, second }: Either,
  want: Json,
  tolerance: Tolerance,
  comparison: Comparison,
): void {
  const [one, other]: Comparison[] = [
    { compared: 0, differences: [] },
    { compared: 0, differences: [] },
  ];
  compare(path, first, want, tolerance, one);
  compare(path, second, want, tolerance, other);
  comparison.compared += one.compared;
  if (other.differences.length > 0) comparison.differences.push(...one.differences);
}

function property(got: Result, key: string): Result | undefined {
  if (typeof got !== "object" || Array.isArray(got) || isValues(got)) return undefined;
  const record = got as { readonly [key: string]: Result };
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function isValues(got: Result): got is Values {
  return typeof got === "object" && "shape" in got && "data" in got;
}

function compareExact(path: string, got: Json, want: Json, comparison: Comparison): void {
  comparison.compared++;
  const [g, w] = [JSON.stringify(got), JSON.stringify(want)];
  if (g !== w) comparison.differences.push(`${path}: got ${shorten(g)}, want exactly ${shorten(w)}`);
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function compareNumbers(path: string, got: Result, want: number, tolerance: Tolerance, comparison: Comparison): void {
  comparison.compared++;
  const value = isValues(got) && got.data.length === 1 ? got.data[0] : got;
  if (typeof value !== "number") comparison.differences.push(`${path}: got no number, want ${want}`);
  else if (!agree(value, want, tolerance)) comparison.differences.push(`${path}: got ${value}, want ${want}`);
}

function compareLists(
  path: string,
  got: Result,
  want: readonly Json[],
  tolerance: Tolerance,
  comparison: Comparison,
): void {
  if (!Array.isArray(got)) throw new Unsupported(`${path} is a list, and the runner computes none`);
  const items = got as readonly Result[];
  if (items.length !== want.length) {
    comparison.differences.push(`${path}: got ${items.length} entries, want ${want.length}`);
    return;
  }
  want.forEach((item, i) => compare(`${path}[${i}]`, items[i], item, tolerance, comparison));
}

function compareTensors(path: string, got: Result, want: Values, tolerance: Tolerance, comparison: Comparison): void {
  comparison.compared += want.data.length;
  const values: Result = typeof got === "number" ? { shape: [], data: Float64Array.of(got) } : got;
  if (!isValues(values)) throw new Unsupported(`${path} is a tensor, and the runner computes none`);
  if (!sameShape(values.shape, want.shape)) {
    const [g, w] = [formatShape(values.shape), formatShape(want.shape)];
    comparison.differences.push(`${path}: got shape ${g}, want ${w}`);
    return;
  }
  const whole = want.data instanceof Int32Array || values.data instanceof Int32Array;
  const wrong: number[] = [];
  for (let i = 0; i < want.data.length; i++) {
    const equal = whole ? values.data[i] === want.data[i] : agree(values.data[i], want.data[i], tolerance);
    if (!equal) wrong.push(i);
  }
  if (wrong.length === 0) return;
  const [first] = wrong;
  comparison.differences.push(
    `${path}: got ${values.data[first]}, want ${want.data[first]} at ${first} (${wrong.length} of ${want.data.length} differ)`,
  );
}

function agree(got: number, want: number, { relative, absolute }: Tolerance): boolean {
  if (!Number.isFinite(want)) return Object.is(got, want);
  return Math.abs(got - want) <= absolute + relative * Math.abs(want);
}
