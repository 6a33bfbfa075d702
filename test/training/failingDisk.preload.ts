/**
 * Before a program (`node --import …/failingDisk.preload.ts`): kills it at the n-th operation on its folder, n and folder being in
 * the environment variable KILL_AT as "17:/tmp/run"; a write is half done by then. With "Infinity:…" it only counts, to standard error.
 */
import { writeSync } from "node:fs";
import { failingDisk } from "./failingDisk.js";

const [, at, folder] = /^(\d+|Infinity):(.+)$/.exec(process.env.KILL_AT ?? "") ?? [];
if (folder === undefined) throw new Error(`KILL_AT is a number and a folder, such as 17:/tmp/run.`);
const onFailure = (): void => void process.kill(process.pid, "SIGKILL");
const disk = failingDisk({ folder, at: Number(at), failure: "gone", onFailure });
process.on("exit", () => writeSync(2, `operations: ${disk.operations.length}\n`));
