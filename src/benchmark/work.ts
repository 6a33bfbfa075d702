/** One piece of work that is measured, and what it costs in theory. */

/** What must be done, whoever does it. */
export interface Cost {
  /** Floating-point operations of a call: multiplications and additions. */
  readonly operations?: number;
  /** Bytes that a call cannot help moving between memory and processor: each operand read once, each result written once. */
  readonly bytes?: number;
}

/** A cost is left out where the time itself is the result. */
export interface Work extends Cost {
  /** What is computed: "matmul 512". Works of the same name are alternatives and are compared. */
  readonly name: string;
  /** Which alternative this is: "threads 2"; "" where there is one only. */
  readonly variant: string;
  /** The engine that computes, by the name it gives itself. */
  readonly engine: string;
  /** Sizes and choices, for the record. */
  readonly settings?: Readonly<Record<string, number | string>>;
  /** Called before every call, outside the clock: new inputs. */
  readonly prepare?: () => void | Promise<void>;
  /** One call; the clock runs. */
  readonly run: () => void | Promise<void>;
  /** Waits for what calls and preparations have only queued. Before the clock starts, and once before it stops. */
  readonly settle?: () => Promise<void>;
  /** Calls of a sample, where their number is part of what is measured; default: as many as fill it. */
  readonly calls?: number;
  /** Parts of a call that are told apart, by name. */
  readonly parts?: Readonly<Record<string, WorkPart>>;
}

export interface WorkPart extends Cost {
  /** Seconds that it took of the last call. */
  readonly seconds: () => number;
}
