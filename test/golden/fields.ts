/**
 * Reads the fields of a fixture and remembers which were read, so that none is overlooked.
 *
 * A case passes only if everything it says was understood: a missing field, a value outside the known ones, and a field that nobody
 * asked for are all `Unsupported`. A field that is damaged (a tensor with the wrong count of numbers) is an ordinary error.
 */
import { formatShape, sizeOf, type Shape } from "../../src/tensor/shape.js";

/** The runner does not know what this case asks for; the message says which part. */
export class Unsupported extends Error {}

/** A recorded tensor: row-major; `Int32Array` where the fixture says int. */
export interface Values {
  readonly shape: Shape;
  readonly data: Float64Array | Float32Array | Int32Array;
}

export type Json = unknown;

const WORDS: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, "-inf": -Infinity };

export function isRecord(value: Json): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isTensor(value: Json): value is { shape: number[]; data: Json[]; dtype?: string } {
  return isRecord(value) && Array.isArray(value.shape) && Array.isArray(value.data);
}

/** A number as the schemas write it: null is NaN, words stand for what JSON lacks. */
function toNumber(value: Json, where: string): number {
  if (typeof value === "number") return value;
  if (value === null) return NaN;
  if (typeof value === "string" && value in WORDS) return WORDS[value];
  throw new Error(`${where}: ${JSON.stringify(value)} is no number.`);
}

export function toValues(value: Json, where: string): Values {
  if (!isTensor(value)) throw new Unsupported(`${where} is not a tensor`);
  const { shape, data, dtype } = value;
  if (dtype !== undefined && dtype !== "int") throw new Unsupported(`${where} has dtype ${JSON.stringify(dtype)}`);
  if (data.length !== sizeOf(shape)) {
    throw new Error(`${where}: shape ${formatShape(shape)} needs ${sizeOf(shape)} numbers, ${data.length} are there.`);
  }
  const numbers = data.map((item) => toNumber(item, where));
  return { shape, data: dtype === "int" ? Int32Array.from(numbers) : Float64Array.from(numbers) };
}

export class Fields {
  private readonly seen = new Set<string>();
  private readonly inner: Fields[] = [];

  constructor(
    private readonly where: string,
    private readonly record: Readonly<Record<string, Json>>,
  ) {}

  /** Names of all fields. */
  keys(): string[] {
    return Object.keys(this.record);
  }

  has(key: string): boolean {
    return key in this.record;
  }

  /** A number, or a tensor of one element. */
  number(key: string, fallback?: number): number {
    if (!this.has(key) && fallback !== undefined) return fallback;
    const value = this.take(key);
    return isTensor(value) && value.data.length === 1
      ? toNumber(value.data[0], this.path(key))
      : toNumber(value, this.path(key));
  }

  boolean(key: string, fallback?: boolean): boolean {
    if (!this.has(key) && fallback !== undefined) return fallback;
    const value = this.take(key);
    if (typeof value !== "boolean") throw new Unsupported(`${this.path(key)} is ${JSON.stringify(value)}`);
    return value;
  }

  text(key: string): string {
    const value = this.take(key);
    if (typeof value !== "string") throw new Unsupported(`${this.path(key)} is ${JSON.stringify(value)}`);
    return value;
  }

  /** One of the known values; any other is unsupported. */
  oneOf<const T extends Json>(key: string, known: readonly T[], fallback?: T): T {
    if (!this.has(key) && fallback !== undefined) return fallback;
    const value = this.take(key);
    const found = known.find((candidate) => candidate === value);
    if (found === undefined) throw new Unsupported(`${this.path(key)} is ${JSON.stringify(value)}`);
    return found;
  }

  tensor(key: string): Values {
    return toValues(this.take(key), this.path(key));
  }

  /** A tensor if the field is there. */
  optionalTensor(key: string): Values | undefined {
    return this.has(key) ? this.tensor(key) : undefined;
  }

  /** Labels or indices. */
  integers(key: string): Int32Array {
    const { data } = this.tensor(key);
    if (!(data instanceof Int32Array)) throw new Unsupported(`${this.path(key)} is not of dtype int`);
    return data;
  }

  /** A plain list, or a tensor read as one. */
  numbers(key: string): number[] {
    const value = this.take(key);
    if (isTensor(value)) return Array.from(toValues(value, this.path(key)).data);
    if (!Array.isArray(value)) throw new Unsupported(`${this.path(key)} is not a list`);
    return value.map((item) => toNumber(item, this.path(key)));
  }

  list(key: string): Json[] {
    const value = this.take(key);
    if (!Array.isArray(value)) throw new Unsupported(`${this.path(key)} is not a list`);
    return value as Json[];
  }

  /** The fields of an object within; they must all be read too. */
  fields(key: string): Fields {
    const value = this.take(key);
    if (!isRecord(value)) throw new Unsupported(`${this.path(key)} is not an object`);
    return this.within(key, value);
  }

  /** As `fields`, of an object that came out of a list. */
  within(name: string, value: Json): Fields {
    if (!isRecord(value)) throw new Unsupported(`${this.path(name)} is not an object`);
    const fields = new Fields(this.path(name), value);
    this.inner.push(fields);
    return fields;
  }

  /** All fields, each a tensor: the parameters of a module. */
  tensors(): Map<string, Values> {
    return new Map(this.keys().map((key) => [key, this.tensor(key)]));
  }

  /** Throws if a field was never asked for. */
  finish(): void {
    const unread = this.keys().filter((key) => !this.seen.has(key));
    if (unread.length > 0) throw new Unsupported(`${unread.map((key) => this.path(key)).join(", ")}: not known`);
    for (const fields of this.inner) fields.finish();
  }

  private take(key: string): Json {
    this.seen.add(key);
    if (!this.has(key)) throw new Unsupported(`${this.path(key)} is missing`);
    return this.record[key];
  }

  private path(key: string): string {
    return `${this.where}.${key}`;
  }
}
