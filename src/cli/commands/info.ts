/** `pfc info`: engines that are available, those that are not and why, and versions. */
import { Command } from "commander";
import Table from "cli-table3";
import { availableParallelism, totalmem } from "node:os";
import { ENGINE_NAMES, openEngine, type EngineName } from "../../tensor/openEngine.js";
import { version } from "../version.js";

export function infoCommand(): Command {
  return new Command("info")
    .description("engines available here (and why others are not), versions, machine")
    .action(async () => {
      const table = new Table({
        head: ["engine", "available", "what runs, or why not"],
        style: { head: [], border: [] },
      });
      for (const name of ENGINE_NAMES) table.push([name, ...(await probe(name))]);
      table.push(["gpu", "no", "the GPU engine is not part of this version"]);
      console.log(table.toString());
      console.log(
        `partial-fc ${version()}, node ${process.version}, v8 ${process.versions.v8}, ${process.platform} ${process.arch}`,
      );
      console.log(`${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(1)} GiB of memory`);
    });
}

/** Opens the engine and multiplies two numbers on it. */
async function probe(name: EngineName): Promise<[string, string]> {
  try {
    const engine = await openEngine(name);
    const product = engine.matmul(engine.tensor([3], [1, 1]), engine.tensor([7], [1, 1]), false, false);
    const value = await product.item();
    const { name: runs } = engine;
    await engine.close();
    return value === 21 ? ["yes", runs] : ["no", `3 · 7 came out as ${value}`];
  } catch (error) {
    return ["no", (error as Error).message];
  }
}
