/**
 * The ground truth of Revisited Oxford and Paris (Radenović et al., CVPR 2018), `gnd_roxford5k.pkl` and `gnd_rparis6k.pkl`: a pickled dictionary.
 *
 *     imlist   names of the database's images      qimlist   names of the queries
 *     gnd      of each query a dictionary: bbx, the box of its landmark [left, top, right, bottom]; easy, hard, junk, numbers in imlist
 *
 * Lists may be Python's or NumPy's. Left out: the original benchmarks, whose lists are called ok and junk.
 */
import { unpickle } from "../pickle/unpickle.js";
import { Dictionary, kindOf, NumpyArray, type PickleValue } from "../pickle/values.js";

export interface RevisitedQuery {
  readonly name: string;
  /** Left, top, right, bottom in pixels: what of the query is searched for. */
  readonly box?: readonly [number, number, number, number];
  /** Numbers of images: what `evaluateRevisited` takes as ground truth. */
  readonly easy: Int32Array;
  readonly hard: Int32Array;
  readonly junk: Int32Array;
}

export interface RevisitedGroundTruth {
  /** Names of the database's images, without folder and ending. */
  readonly images: readonly string[];
  readonly queries: readonly RevisitedQuery[];
}

/** @throws Error naming the file, and the byte where the pickle breaks, or the query and list that are wrong. */
export function readRevisitedGroundTruth(bytes: Uint8Array, name: string): RevisitedGroundTruth {
  const content = dictionary(unpickle(bytes, name), name, "the file");
  const images = texts(content.get("imlist"), `${name}: imlist`);
  const names = texts(content.get("qimlist"), `${name}: qimlist`);
  const truths = content.get("gnd");
  if (!Array.isArray(truths) || truths.length !== names.length) {
    throw new Error(
      `${name}: gnd is a list with a dictionary for each of ${names.length} queries, found ${kindOf(truths)}.`,
    );
  }
  // A pickle may show one long list as that of every query: all lists together have no more entries than the file has bytes.
  const budget = { entries: bytes.length };
  const queries = truths.map((value, query): RevisitedQuery => {
    const where = `query ${query} (${JSON.stringify(names[query].slice(0, 80))})`;
    const truth = dictionary(value, name, where);
    const read = (list: "easy" | "hard" | "junk"): Int32Array => {
      const what = `${name}: ${list} of ${where}`;
      if (!truth.has(list)) {
        const found = [...truth.keys()].slice(0, 8).join(", ");
        throw new Error(
          `${what} is missing; its dictionary has ${found || "nothing"}. Is this the original benchmark?`,
        );
      }
      return imageNumbers(numbers(truth.get(list), what, budget), images.length, what);
    };
    const box = boxOf(truth.get("bbx"), `${name}: bbx of ${where}`, budget);
    return { name: names[query], ...(box && { box }), easy: read("easy"), hard: read("hard"), junk: read("junk") };
  });
  return { images, queries };
}

function dictionary(value: PickleValue, name: string, what: string): ReadonlyMap<string, PickleValue> {
  if (value instanceof Dictionary) return value.entries;
  throw new Error(`${name}: the ground truth of ${what} is a dictionary, found ${kindOf(value)}.`);
}

function texts(value: PickleValue | undefined, what: string): string[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new Error(`${what} is a list of one name or more, found ${kindOf(value)}.`);
  }
  const decoded = new Map<Uint8Array, string>(); // names may be shown again
  return value.map((text, i) => {
    if (typeof text === "string") return text;
    if (!(text instanceof Uint8Array)) throw new Error(`${what}: entry ${i} is a name, found ${kindOf(text)}.`);
    const known = decoded.get(text) ?? new TextDecoder().decode(text);
    decoded.set(text, known);
    return known;
  });
}

/** A list of Python's, or an array with one axis of NumPy's. */
function numbers(value: PickleValue | undefined, what: string, budget: { entries: number }): ArrayLike<number> {
  const spend = (entries: number): void => {
    budget.entries -= entries;
    if (budget.entries < 0) throw new Error(`${what}: the lists have more entries together than the file has bytes.`);
  };
  if (value instanceof NumpyArray && value.shape.length === 1) {
    spend(value.shape[0]);
    try {
      return value.type.decode(value.data);
    } catch (cause) {
      throw new Error(`${what}: ${(cause as Error).message}.`, { cause });
    }
  }
  if (!Array.isArray(value)) throw new Error(`${what} is a list of numbers, found ${kindOf(value)}.`);
  spend(value.length);
  const wrong = value.findIndex((entry) => typeof entry !== "number");
  if (wrong >= 0) throw new Error(`${what} is a list of numbers, but entry ${wrong} is ${kindOf(value[wrong])}.`);
  return value as number[];
}

function imageNumbers(values: ArrayLike<number>, images: number, what: string): Int32Array {
  for (let i = 0; i < values.length; i++) {
    if (Number.isInteger(values[i]) && values[i] >= 0 && values[i] < images) continue;
    throw new Error(`${what} names image ${values[i]}, but imlist has ${images} images, 0 .. ${images - 1}.`);
  }
  return Int32Array.from(values);
}

function boxOf(value: PickleValue | undefined, what: string, budget: { entries: number }): RevisitedQuery["box"] {
  if (value === undefined || value === null) return undefined;
  const [left, top, right, bottom, ...more] = Array.from(numbers(value, what, budget));
  if (bottom === undefined || more.length > 0 || ![left, top, right, bottom].every(Number.isFinite)) {
    throw new Error(`${what} is left, top, right and bottom, found ${kindOf(value)}.`);
  }
  return [left, top, right, bottom];
}
