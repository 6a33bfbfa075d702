/** `pfc info`: engines that are available, those that are not and why, and versions. */
import { Command } from "commander";
import Table from "cli-table3";
import { availableParallelism, totalmem } from "node:os";
import { ENGINE_NAMES } from "../../tensor/engineNames.js";
import { openEngine } from "../../tensor/openEngine.js";
import { probeEngine } from "../probeEngine.js";
import { version } from "../version.js";

export function infoCommand(): Command {
  return new Command("info")
    .description("engines available here (and why others are not), versions, machine")
    .action(async () => {
      const table = new Table({
        head: ["engine", "available", "what runs, or why not"],
        style: { head: [], border: [] },
        colWidths: [null, null, 96],
        wordWrap: true,
      });
      let hangs = false;
      for (const name of ENGINE_NAMES) {
        const probe = await probeEngine(async () => openEngine(name));
        table.push([name, probe.available ? "yes" : "no", probe.text]);
        hangs ||= probe.hangs;
      }
      console.log(table.toString());
      console.log(
        `partial-fc ${version()}, node ${process.version}, v8 ${process.versions.v8}, ${process.platform} ${process.arch}`,
      );
      console.log(`${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(1)} GiB of memory`);
      if (hangs) process.exit(); // else a driver that was given up would keep the process alive
    });
}
