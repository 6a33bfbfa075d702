/**
 * Measures alternatives in turn, not one after the other: a, b, c, c, b, a, a, b, c, …
 *
 * A machine that grows warm, or is busy for a second, then treats all alike, and the ratios of a round stay what they are. Every second
 * round runs backwards, so that nobody always follows the same neighbour. A sample is the mean time of as many calls as fill a stretch
 * of time that the clock resolves well; works with inputs of their own for each call (`prepare`) are called once.
 */
import type { Work } from "./work.js";

export interface RoundRobinOptions {
  readonly rounds: number;
  /** Rounds whose times are thrown away: caches, branch predictors, just-in-time compilers. Default 1. */
  readonly warmups?: number;
  /** Milliseconds that a sample lasts at least, where calls may be repeated. Default 20. */
  readonly sampleMilliseconds?: number;
  /** Milliseconds since some moment; default `performance.now`. */
  readonly clock?: () => number;
  /** Told after each round, with its seconds in the order of the works. */
  readonly onRound?: (round: number, seconds: readonly number[]) => void;
  /** Ends the measurement before the next call; an unfinished round is thrown away. */
  readonly signal?: AbortSignal;
}

/** Seconds a call of one work, one number a round; and of its parts. */
export interface Samples {
  readonly work: Work;
  readonly seconds: number[];
  readonly parts: Map<string, number[]>;
}

/** The samples of every work, in the order of the works: as many as rounds were finished. */
export async function roundRobin(works: readonly Work[], options: RoundRobinOptions): Promise<Samples[]> {
  const { rounds, warmups = 1, sampleMilliseconds = 20, clock = () => performance.now(), onRound, signal } = options;
  const calls: number[] = [];
  for (const work of works) {
    if (signal?.aborted) break;
    calls.push(await callsOf(work, sampleMilliseconds / 1e3, clock));
  }
  const samples = works.map((work): Samples => ({ work, seconds: [], parts: new Map() }));
  for (let round = -warmups; round < rounds; round++) {
    const results = await oneRound(works, calls, round % 2 !== 0, clock, signal);
    if (results === undefined) break;
    if (round < 0) continue;
    for (const [index, { seconds, parts }] of results.entries()) {
      samples[index].seconds.push(seconds);
      for (const [name, value] of Object.entries(parts)) append(samples[index].parts, name, value);
    }
    onRound?.(
      round,
      results.map(({ seconds }) => seconds),
    );
  }
  return samples;
}

interface Sample {
  readonly seconds: number;
  readonly parts: Readonly<Record<string, number>>;
}

/** undefined if it was stopped. */
async function oneRound(
  works: readonly Work[],
  calls: readonly number[],
  backwards: boolean,
  clock: () => number,
  signal: AbortSignal | undefined,
): Promise<Sample[] | undefined> {
  const results = new Array<Sample>(works.length);
  const order = [...works.keys()];
  if (backwards) order.reverse();
  for (const index of order) {
    await new Promise((resolve) => setImmediate(resolve)); // lets a Ctrl-C be heard
    if (signal?.aborted) return undefined;
    const seconds = await sample(works[index], calls[index], clock);
    results[index] = { seconds, parts: partsOf(works[index]) };
  }
  return results;
}

/** Of a sample: a queued engine refuses more than 50,000 operations that wait, of which a call and the release of its result are two. */
const MOST_CALLS = 20_000;

/**
 * Calls that fill a sample, nearly. At first doubled, since the first ones are slow and would mislead, and the very first may compile a
 * kernel; then in proportion, again and again where the wait at the end of a sample is longer than the calls.
 */
async function callsOf(work: Work, least: number, clock: () => number): Promise<number> {
  if (work.prepare) return 1;
  if (work.calls !== undefined) return work.calls;
  await sample(work, 1, clock);
  for (let calls = 1; ;) {
    const seconds = calls * (await sample(work, calls, clock));
    if (seconds >= 0.75 * least || calls === MOST_CALLS) return calls;
    calls = Math.min(MOST_CALLS, seconds >= least / 16 ? Math.ceil((calls * least) / seconds) : 2 * calls);
  }
}

/** Seconds a call. */
async function sample(work: Work, calls: number, clock: () => number): Promise<number> {
  await work.prepare?.();
  await work.settle?.();
  const started = clock();
  for (let call = 0; call < calls; call++) {
    const pending = work.run();
    if (pending) await pending; // a call that returns at once is not made to wait
  }
  await work.settle?.();
  return (clock() - started) / 1e3 / calls;
}

function partsOf({ parts = {} }: Work): Record<string, number> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.seconds()]));
}

function append(lists: Map<string, number[]>, name: string, value: number): void {
  const list = lists.get(name);
  if (list) list.push(value);
  else lists.set(name, [value]);
}
