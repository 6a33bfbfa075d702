/** What passes between the engine and the threads it starts; types only. */

export interface WorkerData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  /** Where things are in the control block. */
  readonly slots: Readonly<Record<string, number>>;
  readonly spinMilliseconds: number;
  /** 1, 2, …; the calling thread is 0. */
  readonly thread: number;
}

export interface Workers {
  /** Why a worker has ended, if one has. */
  readonly failure: string | undefined;
  terminate(): Promise<void>;
}
