/** Counters of processor time: of this process, of the machine, and what a hypervisor took away. */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { ProcessorWindow } from "./busy.js";

/** Starts to watch; the function that it returns says what happened since. */
export function watchProcessor(): () => ProcessorWindow {
  const before = count();
  return () => {
    const after = count();
    return {
      elapsed: after.elapsed - before.elapsed,
      own: after.own - before.own,
      all: after.all - before.all,
      stolen: after.stolen - before.stolen,
    };
  };
}

function count(): ProcessorWindow {
  const { user, system } = process.cpuUsage(); // microseconds
  const busy = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0); // milliseconds
  return { elapsed: performance.now() / 1e3, own: (user + system) / 1e6, all: busy / 1e3, stolen: stolenSeconds() };
}

/** Only Linux tells: the eighth number of the line "cpu" of /proc/stat, in hundredths of a second. Elsewhere 0. */
function stolenSeconds(): number {
  try {
    const [line] = readFileSync("/proc/stat", "utf8").split("\n", 1);
    return Number(line.trim().split(/\s+/)[8] ?? 0) / 100;
  } catch {
    return 0;
  }
}
