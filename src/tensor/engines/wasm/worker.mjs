/**
 * One thread of the wasm engine: waits for a job, claims pieces of it, and counts itself out. The other side is team.ts.
 *
 * Plain JavaScript, because a Worker does not load TypeScript; everything it needs comes with its data.
 */
import { parentPort, workerData } from "node:worker_threads";

const { module, memory, control: buffer, slots, spinMilliseconds, thread } = workerData;
const control = new Int32Array(buffer);
const values = new Float64Array(buffer, slots.VALUES * 4, 50);
const kernels = Object.values(new WebAssembly.Instance(module, { env: { memory } }).exports);
let pages = 0;

/** The number of a job that this thread has not seen, once there is one. */
function nextJob(seen) {
  for (;;) {
    const started = performance.now();
    do {
      for (let i = 0; i < 100; i++) {
        const open = Atomics.load(control, slots.OPEN);
        if (open !== 0 && open !== seen) return open;
      }
    } while (performance.now() - started < spinMilliseconds);
    const open = Atomics.load(control, slots.OPEN);
    if (open === 0 || open === seen) Atomics.wait(control, slots.OPEN, open);
  }
}

function work() {
  const items = control[slots.ITEMS];
  const piece = control[slots.PIECE];
  const kernel = kernels[control[slots.KERNEL]];
  const scratch = values[0] + thread * values[1];
  const args = values.slice(2, 2 + control[slots.ARGUMENTS]);
  if (pages !== control[slots.PAGES]) {
    memory.grow(0); // makes this thread's instance see what the main thread has added
    pages = control[slots.PAGES];
  }
  try {
    for (let i = Atomics.add(control, slots.NEXT, piece); i < items; i = Atomics.add(control, slots.NEXT, piece)) {
      kernel(i, Math.min(i + piece, items), scratch, ...args);
    }
  } catch (error) {
    const message = new TextEncoder().encode(String(error)).slice(0, (slots.END - slots.MESSAGE) * 4);
    new Uint8Array(buffer, slots.MESSAGE * 4).set(message);
    Atomics.store(control, slots.FAILED, message.length);
    Atomics.store(control, slots.NEXT, items);
  }
}

parentPort.postMessage("ready");
let seen = 0;
while (Atomics.load(control, slots.STOP) === 0) {
  nextJob(seen);
  Atomics.add(control, slots.ACTIVE, 1);
  // Only now is it certain that the job is not closed and its arguments not overwritten.
  const open = Atomics.load(control, slots.OPEN);
  if (open > 0 && open !== seen) {
    seen = open;
    work();
  }
  Atomics.sub(control, slots.ACTIVE, 1);
  if (Atomics.load(control, slots.WAITING) === 1) Atomics.notify(control, slots.ACTIVE);
}
