/**
 * Where a training step goes: milliseconds, calls and operations a step, by kernel; what is left over is JavaScript (tape, scopes, shapes).
 *
 * A kernel's time is taken around `engine.run`, so that it holds the dispatch to the threads.
 */
import Table from "cli-table3";
import type { WasmEngine } from "../src/tensor/engines/wasm/wasmEngine.js";

const STEPS = 15;

interface Share {
  milliseconds: number;
  calls: number;
  operations: number;
}

/** Runs `step` a few times and prints its kernels, the costliest first. */
export async function printProfile(engine: WasmEngine, name: string, step: () => Promise<void>): Promise<void> {
  const shares = new Map<string, Share>();
  const run = engine.run.bind(engine);
  for (let warm = 0; warm < 5; warm++) await step();
  engine.run = (kernel, items, args, work, scratch) => {
    const started = performance.now();
    run(kernel, items, args, work, scratch);
    const share = shares.get(kernel) ?? { milliseconds: 0, calls: 0, operations: 0 };
    share.milliseconds += performance.now() - started;
    share.calls++;
    share.operations += work;
    shares.set(kernel, share);
  };
  const started = performance.now();
  for (let i = 0; i < STEPS; i++) await step();
  const total = performance.now() - started;
  engine.run = run;

  const table = new Table({
    head: ["kernel", "ms a step", "calls", "us a call", "Gop/s"],
    style: { head: [], border: [] },
  });
  const inside = [...shares.values()].reduce((sum, share) => sum + share.milliseconds, 0);
  for (const [kernel, { milliseconds, calls, operations }] of [...shares].sort(
    (a, b) => b[1].milliseconds - a[1].milliseconds,
  )) {
    table.push([
      kernel,
      (milliseconds / STEPS).toFixed(2),
      calls / STEPS,
      ((1e3 * milliseconds) / calls).toFixed(1),
      (operations / milliseconds / 1e6).toFixed(1),
    ]);
  }
  table.push(["outside kernels", ((total - inside) / STEPS).toFixed(2), "", "", ""]);
  table.push(["whole step", (total / STEPS).toFixed(2), "", "", ""]);
  console.log(`${name}, ${engine.name}\n${table.toString()}`);
}
