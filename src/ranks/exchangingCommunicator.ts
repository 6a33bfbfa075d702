/**
 * All collectives from a single one: everybody says something and hears what everybody says.
 *
 * More travels than has to (a real all-reduce passes sums on), which is of no importance where nothing travels far. Sums are formed in
 * rank order on host arrays, so that every rank gets the same bits.
 */
import type { FloatArray } from "../tensor/engine.js";
import { formatShape, type Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Communicator } from "./communicator.js";

/** What one rank says in a collective. */
export interface Offer {
  /** Such as "allReduce sum". */
  readonly collective: string;
  readonly data: FloatArray | Int32Array;
  readonly shape: Shape;
}

/** Hands in what a rank says and returns what all say, in rank order. */
export type Exchange = (offer: Offer) => readonly Offer[];

/** The communicator of one rank of `size`. Reads its tensors at once: for engines that compute at once. */
export function exchangingCommunicator(rank: number, size: number, exchange: Exchange): Communicator {
  const say = (collective: string, x: Tensor): readonly FloatArray[] =>
    exchange({ collective, data: x.dataSync(), shape: x.shape }).map(({ data }) => data as FloatArray);
  return {
    rank,
    size,
    allGather(x) {
      const [rows, ...rest] = rowsOf("allGather", x);
      return x.engine.tensor(join(say("allGather", x)), [size * rows, ...rest]);
    },
    allGatherIntegers(values) {
      const all = exchange({ collective: "allGatherIntegers", data: values.slice(), shape: [values.length] });
      return Int32Array.from(join(all.map(({ data }) => data)));
    },
    allReduce: (x, operation) => x.engine.tensor(combine(say(`allReduce ${operation}`, x), operation), x.shape),
    reduceScatter(x) {
      const [rows, ...rest] = rowsOf("reduceScatter", x);
      if (rows % size !== 0) {
        throw new Error(
          `reduceScatter: every rank gets as many rows, but ${size} ranks do not divide the ${rows} of ${formatShape(x.shape)}.`,
        );
      }
      const sum = combine(say("reduceScatter", x), "sum");
      const block = x.size / size;
      return x.engine.tensor(sum.slice(rank * block, (rank + 1) * block), [rows / size, ...rest]);
    },
    broadcast(x, root) {
      if (!Number.isInteger(root) || root < 0 || root >= size) {
        throw new Error(`broadcast: the root must be one of the ranks 0 … ${size - 1}, given ${root}.`);
      }
      return x.engine.tensor(say(`broadcast from ${root}`, x)[root], x.shape);
    },
    barrier: () => void exchange({ collective: "barrier", data: new Int32Array(0), shape: [0] }),
  };
}

function rowsOf(collective: string, { shape }: Tensor): Shape {
  if (shape.length > 0) return shape;
  throw new Error(`${collective}: takes rows, but a scalar has none; given ${formatShape(shape)}.`);
}

function join(blocks: readonly ArrayLike<number>[]): number[] {
  return blocks.flatMap((block) => Array.from(block));
}

/** Element by element, in rank order. */
function combine([first, ...others]: readonly FloatArray[], operation: "sum" | "maximum"): number[] {
  const pair = operation === "sum" ? (a: number, b: number): number => a + b : Math.max;
  return Array.from(first, (value, i) => others.reduce((result, block) => pair(result, block[i]), value));
}
