/**
 * K ranks in one process and one thread, stepped from collective to collective.
 *
 * A collective needs what all ranks say, and a single thread cannot leave a call half-way. So a rank runs until it asks for a
 * collective that the others have not reached; there it is given up, and started again from the top once they have: what it asked
 * before is then answered from memory. The last of these attempts runs through to the end. For tests, for small experiments, and
 * to see what many ranks do without having them; it saves no time.
 *
 * What a program has to keep to, since it is started more than once:
 *
 * - It does the same each time. What it says in a collective is compared with what it said before, bit for bit.
 * - It begins by giving up gradients and gathered rows (`optimizer.zeroGrad()`), which an attempt may have left half accumulated.
 * - Tensors that it writes to in place before its last collective (running statistics) are named; they are put back after every
 *   attempt that was given up.
 * - What it writes after its last collective (the step of an optimizer) is written once and needs no care.
 *
 * So a trajectory is one `run` a step. Whatever else a program keeps beyond its scopes it releases in a `finally`.
 */
import type { Engine } from "../tensor/engine.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { alone } from "./alone.js";
import type { Communicator } from "./communicator.js";
import { exchangingCommunicator, type Offer } from "./exchangingCommunicator.js";

/** Thrown where a rank has to wait for others. */
class Waiting extends Error {}

/** The ranks of one engine, for any number of runs. More than one: on engines that compute at once (`reference`, `wasm`) only. */
export class InProcessRanks {
  /** One a rank. They answer inside `run`. */
  readonly communicators: readonly Communicator[];
  private readonly order: readonly number[];
  /** By number of the collective, then by rank; undefined outside `run`. */
  private rounds: (Offer | undefined)[][] | undefined;
  /** How many collectives each rank has called in its present attempt. */
  private readonly calls: number[];

  /**
   * @param size K
   * @param order in which ranks take their turns, default 0 … K − 1; results do not depend on it
   * @throws Error if K is no whole number from 1, the order does not name every rank once, or the engine computes later than it is called
   */
  constructor(
    private readonly engine: Engine,
    readonly size: number,
    order?: readonly number[],
  ) {
    if (!Number.isInteger(size) || size < 1) {
      throw new Error(`ranks: there is a whole number of ranks, at least one; given ${size}.`);
    }
    if (size > 1 && engine.kind === "gpu") {
      throw new Error(
        `ranks: ranks in one process hand each other numbers at once, which ${engine.name} computes later; ` +
          `take wasm or reference for ${size} ranks.`,
      );
    }
    const all = Array.from({ length: size }, (_, rank) => rank);
    this.order = order ?? all;
    if (this.order.length !== size || !all.every((rank) => this.order.includes(rank))) {
      throw new Error(`ranks: an order names each of ${size} ranks once; given [${this.order.join(", ")}].`);
    }
    this.calls = all.map(() => 0);
    this.communicators =
      size === 1
        ? [alone]
        : all.map((rank) => exchangingCommunicator(rank, size, (offer) => this.exchange(rank, offer)));
  }

  /**
   * Runs `program` on every rank and returns what it returns, in rank order; tensors pass to the enclosing scope.
   *
   * @param written tensors that the program of a rank writes to in place before its last collective
   * @throws Error if the ranks do not call the same collectives in the same order with equal shapes, and whatever a program throws
   */
  run<T>(program: (communicator: Communicator) => T, written: (rank: number) => readonly Tensor[] = () => []): T[] {
    if (this.rounds !== undefined) throw new Error("ranks: a run is under way, and a program cannot start another.");
    this.rounds = [];
    try {
      const putBack = this.communicators.map(({ rank }) => remember(written(rank)));
      const results: T[] = [];
      const waiting = new Set(this.order);
      let before = -Infinity;
      while (waiting.size > 0) {
        const progress = this.progress(waiting);
        if (progress === before) this.refuseToWait(waiting);
        before = progress;
        for (const rank of waiting) {
          this.calls[rank] = 0;
          try {
            results[rank] = this.engine.scope(() => program(this.communicators[rank]));
            waiting.delete(rank);
          } catch (error) {
            if (!(error instanceof Waiting)) throw error;
            putBack[rank]();
          }
        }
      }
      return results;
    } finally {
      this.rounds = undefined;
    }
  }

  /** What all ranks say in the next collective of this rank. @throws Waiting where some have not said it yet. */
  private exchange(rank: number, offer: Offer): readonly Offer[] {
    if (this.rounds === undefined) {
      throw new Error(`${offer.collective}: ranks in one process talk to each other inside run only.`);
    }
    const call = this.calls[rank]++;
    const round = (this.rounds[call] ??= this.calls.map(() => undefined));
    for (const [other, theirs] of round.entries()) {
      if (theirs && !agree(offer, theirs)) throw disagreement(call, rank, offer, other, theirs);
    }
    const earlier = round[rank];
    if (earlier && !sameBits(offer.data, earlier.data)) {
      throw new Error(
        `ranks: rank ${rank} said something else in collective ${call}, ${offer.collective}, when it was started again: a ` +
          `program begins by giving up its gradients, and names the tensors it writes to before its last collective.`,
      );
    }
    round[rank] ??= offer;
    if (round.includes(undefined)) throw new Waiting(`rank ${rank} waits in ${offer.collective}`);
    return round as readonly Offer[];
  }

  /** Grows with everything that is said and every rank that ends. */
  private progress(waiting: ReadonlySet<number>): number {
    return this.rounds!.flat().filter((offer) => offer !== undefined).length - waiting.size;
  }

  /** Nobody can go on: some ranks ended without a collective that others wait in. */
  private refuseToWait(waiting: ReadonlySet<number>): never {
    const call = this.rounds!.findIndex((round) => round.includes(undefined));
    const round = this.rounds![call];
    const missing = [...round.keys()].filter((rank) => round[rank] === undefined);
    throw new Error(
      `ranks: every rank calls the same collectives in the same order; rank ${[...waiting].join(", ")} waits in collective ` +
        `${call}, ${round.find(Boolean)!.collective}, but rank ${missing.join(", ")} ended without it.`,
    );
  }
}

/** Copies what the tensors hold; the result puts it back. */
function remember(tensors: readonly Tensor[]): () => void {
  const copies = tensors.map((tensor) => tensor.dataSync());
  return () => {
    for (const [position, tensor] of tensors.entries()) {
      const { engine, shape } = tensor;
      engine.scope(() => engine.assign(tensor, engine.tensor(copies[position], shape)));
    }
  };
}

function agree(a: Offer, b: Offer): boolean {
  return a.collective === b.collective && sameShape(a.shape, b.shape);
}

function disagreement(call: number, rank: number, mine: Offer, other: number, theirs: Offer): Error {
  const saying = (who: number, { collective, shape }: Offer): string =>
    `${collective} ${formatShape(shape)} on rank ${who}`;
  return new Error(
    `ranks: every rank calls the same collectives in the same order, with equal shapes; collective ${call} is ` +
      `${saying(rank, mine)}, but ${saying(other, theirs)}.`,
  );
}

function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
