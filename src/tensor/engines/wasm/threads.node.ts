/** What the wasm engine needs of Node: worker_threads, and a flag of V8. In a browser bundle threads.browser.ts takes the place of this file. */
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { collectGarbage as collect } from "./collectGarbage.mjs";
import type { WorkerData, Workers } from "./workers.js";

/** How many threads to use unless told; with a reason where that is fewer than the machine has. */
export function defaultThreads(): { readonly threads: number; readonly reason?: string } {
  return { threads: Math.min(availableParallelism(), 8) };
}

/** Turns relaxed SIMD on where V8 has it behind a flag (Node 20); modules compiled from then on may use it. */
export function enableRelaxedSimd(): boolean {
  setFlagsFromString("--experimental-wasm-relaxed-simd");
  return true;
}

/** Gives memories that nobody holds any longer back to the system, on the thread that calls. */
export function collectGarbage(): void {
  collect();
}

/** Starts workers 1 … count and waits until each is ready. They do not keep the process alive. */
export async function startWorkers(count: number, dataFor: (thread: number) => WorkerData): Promise<Workers> {
  let failure: string | undefined;
  const workers = Array.from({ length: count }, (_, index) => {
    return new Worker(new URL("./worker.mjs", import.meta.url), {
      workerData: dataFor(index + 1),
      execArgv: [], // no loaders of the main thread: worker.mjs is plain JavaScript
      env: {},
      name: `wasm engine thread ${index + 1}`,
    });
  });
  const terminate = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  const ready = workers.map((worker) => {
    return new Promise<void>((resolve, reject) => {
      worker.once("message", () => {
        worker.unref();
        resolve();
      });
      worker.on("error", (error: Error) => {
        failure ??= error.message;
        reject(new Error(`wasm engine: a thread could not start: ${error.message}`, { cause: error }));
      });
      worker.on("exit", (code) => {
        failure ??= `exit code ${code}`;
        reject(new Error(`wasm engine: a thread ended before it was ready, with exit code ${code}.`));
      });
    });
  });
  try {
    await Promise.all(ready);
  } catch (error) {
    await terminate();
    throw error;
  }
  return {
    get failure() {
      return failure;
    },
    post: (message) => {
      for (const worker of workers) worker.postMessage(message);
    },
    terminate,
  };
}
