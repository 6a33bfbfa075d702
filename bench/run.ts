/**
 * `npm run bench [-- WORD …]`: the kernels of `pfc bench kernels`, measured a second time by benchmark.js; words narrow the list.
 * `npm run bench -- profile`: where the training step of `pfc bench train` goes, kernel by kernel.
 *
 * Each row is the median of benchmark.js's samples with the 10th and 90th percentile, one work after the other: a check of the project's own
 * clock, and the quickest look at one kernel. `pfc bench` measures in turn, knows the bound, and notices a busy machine.
 */
import { availableParallelism, cpus } from "node:os";
import Table from "cli-table3";
import { rate, time } from "../src/benchmark/inWords.js";
import { kernelWorks } from "../src/benchmark/kernelWorks.js";
import { trainWorks } from "../src/benchmark/trainWork.js";
import { openEngine } from "../src/tensor/openEngine.js";
import { measure } from "./measure.js";
import { printProfile } from "./profile.js";

const words = process.argv.slice(2).filter((word) => word !== "profile");
const profile = process.argv.includes("profile");

const table = new Table({
  head: ["work", "engine", "time (10 % – 90 %)", "rate", "samples"],
  style: { head: [], border: [] },
});
for (const threads of new Set([1, Math.min(2, availableParallelism())])) {
  const engine = await openEngine("wasm", { threads });
  const { works, dispose } = kernelWorks(engine, "", { words });
  for (const work of profile ? [] : works) {
    const { median, low, high, samples } = measure(work);
    const range = `${time(median)} (${time(low)} – ${time(high)})`;
    table.push([work.name, engine.name, range, rate(work, median), samples]);
  }
  dispose();
  if (profile) {
    const network = await trainWorks(engine, "", { batch: 64, side: 32 });
    const [step] = network.works; // the same batch in every step
    await printProfile(engine, "training step, batch 64, 32 pixels", async () => step.run());
    network.dispose();
  }
  await engine.close();
}
console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, node ${process.version}`);
if (table.length > 0) console.log(table.toString());
