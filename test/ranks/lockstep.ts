/**
 * K ranks in one process and one thread, for tests: collectives are replayed.
 *
 * A rank runs until it needs what the others have not said yet; there it is given up, and started again from the beginning once
 * everybody has spoken. So a program has to do the same every time it is started, and returns host values.
 */
import type { Communicator } from "../../src/ranks/communicator.js";
import type { Engine, FloatArray } from "../../src/tensor/engine.js";
import type { Shape } from "../../src/tensor/shape.js";
import type { Tensor } from "../../src/tensor/tensor.js";

/** What one rank hands in to a collective. */
interface Offer {
  readonly name: string;
  readonly data: FloatArray | Int32Array;
  readonly shape: Shape;
}

/** Thrown where a rank has to wait. */
class Waiting extends Error {}

/** Runs `program` on ranks 0 … size − 1 and returns what they return. */
export function lockstep<T>(engine: Engine, size: number, program: (communicator: Communicator) => T): T[] {
  const finishedRounds: Offer[][] = [];
  for (;;) {
    const offers: Offer[] = [];
    const results: T[] = [];
    for (let rank = 0; rank < size; rank++) {
      try {
        results.push(engine.scope(() => program(replaying(engine, rank, size, finishedRounds, offers))));
      } catch (error) {
        if (!(error instanceof Waiting)) throw error;
      }
    }
    if (results.length === size) return results;
    const names = new Set(offers.map(({ name }) => name));
    if (offers.length !== size || names.size !== 1) {
      throw new Error(`lockstep: ${offers.length} of ${size} ranks reached a collective: ${[...names].join(", ")}.`);
    }
    finishedRounds.push(offers);
  }
}

function replaying(engine: Engine, rank: number, size: number, finished: Offer[][], offers: Offer[]): Communicator {
  let calls = 0;
  const exchange = (name: string, data: Offer["data"], shape: Shape): Offer[] => {
    const round = finished[calls++];
    if (round !== undefined) return round;
    offers[rank] = { name, data, shape };
    throw new Waiting();
  };
  const ofTensor = (name: string, x: Tensor): Offer[] => exchange(name, x.dataSync(), x.shape);
  const sum = (round: Offer[]): number[] => combine(round, (a, b) => a + b);
  return {
    rank,
    size,
    allGather(x) {
      const round = ofTensor("allGather", x);
      const [rows, ...rest] = x.shape;
      return engine.tensor(
        round.flatMap(({ data }) => [...data]),
        [rows * size, ...rest],
      );
    },
    allGatherIntegers: (values) =>
      Int32Array.from(exchange("allGatherIntegers", values, [values.length]).flatMap(({ data }) => [...data])),
    allReduce(x, operation) {
      const round = ofTensor(`allReduce ${operation}`, x);
      return engine.tensor(operation === "sum" ? sum(round) : combine(round, Math.max), x.shape);
    },
    reduceScatter(x) {
      const total = sum(ofTensor("reduceScatter", x));
      const [rows, ...rest] = x.shape;
      const block = x.size / size;
      return engine.tensor(total.slice(rank * block, (rank + 1) * block), [rows / size, ...rest]);
    },
    broadcast(x, root) {
      const { data, shape } = ofTensor(`broadcast from ${root}`, x)[root];
      return engine.tensor(data, shape);
    },
    barrier: () => void exchange("barrier", new Int32Array(0), [0]),
  };
}

/** Element by element, in rank order. */
function combine([first, ...others]: Offer[], pair: (a: number, b: number) => number): number[] {
  return Array.from(first.data, (value, i) => others.reduce((result, { data }) => pair(result, data[i]), value));
}
