/** The machine that a benchmark ran on, as far as it tells. */
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import type { MachineCard } from "./lines.js";

export function machineCard(): MachineCard {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    load: loadavg()[0],
  };
}
