/**
 * Where a training step goes: milliseconds, calls and operations a step, by kernel; what is left over is JavaScript (tape, scopes, shapes).
 *
 * Every step makes the same calls, so a call's time is the shortest of all steps: other processes lengthen some of them, seldom all. It is
 * taken around `engine.run`, so that it holds the dispatch to the threads.
 */
import Table from "cli-table3";
import type { WasmEngine } from "../src/tensor/engines/wasm/wasmEngine.js";

const STEPS = 15;

interface Call {
  readonly kernel: string;
  readonly operations: number;
  /** The shortest so far: of the kernel, and of what runs between the kernel before and this one. */
  milliseconds: number;
  before: number;
}

/** Runs `step` a few times and prints its kernels, the costliest first. */
export async function printProfile(engine: WasmEngine, name: string, step: () => Promise<void>): Promise<void> {
  for (let warm = 0; warm < 5; warm++) await step();
  const calls: Call[] = [];
  let position = 0;
  let last = 0;
  let rest = Infinity; // after the last kernel
  const run = engine.run.bind(engine);
  engine.run = (kernel, items, args, work, scratch) => {
    const started = performance.now();
    run(kernel, items, args, work, scratch);
    const ended = performance.now();
    const call = (calls[position++] ??= { kernel, operations: work, milliseconds: Infinity, before: Infinity });
    call.milliseconds = Math.min(call.milliseconds, ended - started);
    call.before = Math.min(call.before, started - last);
    last = ended;
  };
  for (let i = 0; i < STEPS; i++) {
    position = 0;
    last = performance.now();
    await step();
    rest = Math.min(rest, performance.now() - last);
  }
  engine.run = run;

  const table = new Table({
    head: ["kernel", "ms a step", "calls", "us a call", "Gop/s"],
    style: { head: [], border: [] },
  });
  const kernels = new Map<string, { milliseconds: number; operations: number; count: number }>();
  for (const { kernel, milliseconds, operations } of calls) {
    const sum = kernels.get(kernel) ?? { milliseconds: 0, operations: 0, count: 0 };
    sum.milliseconds += milliseconds;
    sum.operations += operations;
    sum.count++;
    kernels.set(kernel, sum);
  }
  const sorted = [...kernels].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  for (const [kernel, { milliseconds, operations, count }] of sorted) {
    const each = ((1e3 * milliseconds) / count).toFixed(1);
    table.push([kernel, milliseconds.toFixed(2), count, each, (operations / milliseconds / 1e6).toFixed(1)]);
  }
  const inside = calls.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const outside = calls.reduce((sum, { before }) => sum + before, rest);
  table.push(["outside kernels", outside.toFixed(2), "", "", ""]);
  table.push(["whole step", (inside + outside).toFixed(2), "", "", ""]);
  console.log(`${name}, ${engine.name}\n${table.toString()}`);
}
