/**
 * What a file under `cases/` provides: for some operations, how a recorded case is repeated with this library.
 */
import type { Engine } from "../../src/tensor/engine.js";
import type { Result } from "./compare.js";
import type { Fixture } from "./fixture.js";

export interface Results {
  readonly outputs: Readonly<Record<string, Result>>;
  readonly grads?: Readonly<Record<string, Result>>;
}

export interface Plan {
  /** Takes minutes on plain loops: on `reference` it runs only if asked for. */
  readonly slow?: boolean;
  /** That are stepped in one process, default 1. Several hand each other numbers at once, which a queued engine cannot. */
  readonly ranks?: number;
  /** Why it needs an engine that computes when it is called, which a queued one does not; asked for each of its ways. Default: it does not. */
  readonly atOnce?: (way?: string) => string | undefined;
  /** Ways in which the library computes the same; the case passes if every one of them agrees with what was recorded. */
  readonly ways?: readonly string[];
  /** Repeats the case, in one of its ways. Whatever it makes on the engine it releases. */
  run(engine: Engine, way?: string): Results | Promise<Results>;
}

/** Reads every field of the case, or throws `Unsupported`; computes nothing yet. */
export type Prepare = (fixture: Fixture) => Plan;

/** By `op` or `kind`. */
export type Family = Readonly<Record<string, Prepare>>;
