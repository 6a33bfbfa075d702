/**
 * One thread of the wasm engine: waits for a job, claims pieces of it, and counts itself out. The other side is team.ts.
 *
 * Plain JavaScript, because a Worker does not load TypeScript; everything it needs comes with its data and by post.
 */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { collectGarbage } from "./collectGarbage.mjs";

const { module, control: buffer, slots, spinMilliseconds, thread } = workerData;
const control = new Int32Array(buffer);
const values = new Float64Array(buffer, slots.VALUES * 4, 50);
/** By number: a memory, the kernels on it, and how many pages of it they know. */
const banks = new Map();
let deliveries = 0;

/** New memories come with their number, a number alone is a memory that goes. */
function readMail() {
  const before = deliveries;
  let gone = false;
  for (; deliveries !== Atomics.load(control, slots.MAIL); deliveries++) {
    const { number, memory } = receiveMessageOnPort(parentPort).message;
    if (memory) {
      const { exports } = new WebAssembly.Instance(module, { env: { memory } });
      banks.set(number, { memory, kernels: Object.values(exports), pages: 0 });
    } else {
      gone = banks.delete(number) || gone;
    }
  }
  if (gone) collectGarbage();
  Atomics.add(control, slots.READ, deliveries - before);
  Atomics.notify(control, slots.READ);
}

/** Returns when there is a job that this thread has not seen, or when it shall stop. */
function nextJob(seen) {
  for (;;) {
    const started = performance.now();
    do {
      for (let i = 0; i < 100; i++) {
        const open = Atomics.load(control, slots.OPEN);
        if (open > 0 && open !== seen) return;
      }
    } while (performance.now() - started < spinMilliseconds);
    const open = Atomics.load(control, slots.OPEN);
    if (Atomics.load(control, slots.STOP) === 1) return;
    if (deliveries !== Atomics.load(control, slots.MAIL)) readMail();
    else if (open <= 0 || open === seen) {
      Atomics.add(control, slots.SLEEPING, 1);
      Atomics.wait(control, slots.OPEN, open);
      Atomics.sub(control, slots.SLEEPING, 1);
    }
  }
}

function work() {
  const bank = banks.get(control[slots.BANK]);
  const items = control[slots.ITEMS];
  const piece = control[slots.PIECE];
  const kernel = bank.kernels[control[slots.KERNEL]];
  const scratch = values[0] + thread * values[1];
  const args = values.slice(2, 2 + control[slots.ARGUMENTS]);
  if (bank.pages !== control[slots.PAGES]) {
    bank.memory.grow(0); // makes this thread's instance see what the main thread has added
    bank.pages = control[slots.PAGES];
  }
  try {
    for (let i = Atomics.add(control, slots.NEXT, piece); i < items; i = Atomics.add(control, slots.NEXT, piece)) {
      kernel(i, Math.min(i + piece, items), scratch, ...args);
    }
  } catch (error) {
    report(slots.FAILED, error);
    Atomics.store(control, slots.NEXT, items);
  }
}

/** Leaves the error's message for the calling thread, and its length in the slot. */
function report(slot, error) {
  const message = new TextEncoder().encode(String(error)).slice(0, (slots.MAIL - slots.MESSAGE) * 4);
  new Uint8Array(buffer, slots.MESSAGE * 4).set(message);
  Atomics.store(control, slot, message.length);
}

/** Takes part in one job, unless it is closed by now. Returns the number of the last job seen. */
function takePart(seen) {
  Atomics.add(control, slots.ACTIVE, 1);
  try {
    // Only now is it certain that the job is not closed and its arguments not overwritten.
    const open = Atomics.load(control, slots.OPEN);
    if (open <= 0 || open === seen) return seen;
    if (deliveries !== Atomics.load(control, slots.MAIL)) readMail();
    work();
    return open;
  } finally {
    Atomics.sub(control, slots.ACTIVE, 1);
    if (Atomics.load(control, slots.WAITING) === 1) Atomics.notify(control, slots.ACTIVE);
  }
}

parentPort.postMessage("ready");
try {
  for (let seen = 0; Atomics.load(control, slots.STOP) === 0;) {
    nextJob(seen);
    seen = takePart(seen);
  }
} catch (error) {
  // The calling thread may sleep until READ changes, where no event tells it that this thread ends
  report(slots.LOST, error);
  Atomics.sub(control, slots.READ, 1);
  Atomics.notify(control, slots.READ);
  throw error;
}
