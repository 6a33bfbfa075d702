/**
 * `npm run bench [-- matmul|conv|head|net|profile …]`: micro-benchmarks of the kernels that a training step is made of, and of a whole step.
 *
 * Each row is the median of benchmark.js's samples with the 10th and 90th percentile; a wide spread says that the machine was busy.
 */
import { availableParallelism, cpus } from "node:os";
import Table from "cli-table3";
import { openEngine } from "../src/tensor/openEngine.js";
import { headRows } from "./head.js";
import { convolutionRows, matmulRow, type Row } from "./kernels.js";
import { networkRow, networkStep } from "./network.js";
import { printProfile } from "./profile.js";

const wanted = process.argv.slice(2);
const includes = (group: string): boolean => wanted.length === 0 || wanted.includes(group);

const rows: Row[] = [];
for (const threads of [1, Math.min(2, availableParallelism())]) {
  const engine = await openEngine("wasm", { threads });
  if (includes("matmul")) for (const n of [512, 1024]) rows.push(matmulRow(engine, n));
  if (includes("conv")) rows.push(...convolutionRows(engine, 32, 64, 64, 28));
  if (includes("head")) rows.push(...headRows(engine));
  if (includes("net")) rows.push(networkRow(engine, 64, 32));
  if (includes("profile")) {
    const { run, dispose } = networkStep(engine, 64, 32);
    printProfile(engine, "network, batch 64, 32 pixels", run);
    dispose();
  }
  await engine.close();
}

const table = new Table({
  head: ["work", "engine", "ms (10 % – 90 %)", "GFLOP/s", "samples"],
  style: { head: [], border: [] },
});
for (const { work, engine, operations, median, low, high, samples } of rows) {
  const ms = (seconds: number): string => (1e3 * seconds).toFixed(2);
  const speed = operations > 0 ? (operations / median / 1e9).toFixed(1) : "–";
  table.push([work, engine, `${ms(median)} (${ms(low)} – ${ms(high)})`, speed, samples]);
}
console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, node ${process.version}`);
console.log(table.toString());
