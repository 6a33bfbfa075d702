/** What passes between the engine and the threads it starts; types only. */

export interface WorkerData {
  readonly module: WebAssembly.Module;
  readonly control: SharedArrayBuffer;
  /** Where things are in the control block. */
  readonly slots: Readonly<Record<string, number>>;
  readonly spinMilliseconds: number;
  /** 1, 2, …; the calling thread is 0. */
  readonly thread: number;
}

/** A memory and the number it goes by from now on; without a memory: the one of that number is forgotten. */
export interface Delivery {
  readonly number: number;
  readonly memory?: WebAssembly.Memory;
}

export interface Workers {
  /** Why a worker has ended, if one has. */
  readonly failure: string | undefined;
  /** Puts a message for every worker where it fetches it (worker.mjs, readMail). */
  post(message: Delivery): void;
  terminate(): Promise<void>;
}
