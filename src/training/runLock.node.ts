/**
 * One process trains in a run's folder at a time, and one clusters in a clustering's.
 *
 * The claim is a file that names process and machine. A claim whose process is gone (it was killed) lapses by itself; one from
 * another machine cannot be judged from here and stands until its file is deleted. Left out: a claim that holds against two
 * processes which find the same lapsed one in the same millisecond.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { reasonOf } from "./reasonOf.node.js";
import { removeQuietly } from "./removeQuietly.node.js";

interface Claim {
  readonly process: number;
  readonly host: string;
}

/** What is done in a folder. The claim's file is named after it. */
const WORKS = { training: "trained", clustering: "clustered" };

/** Claims the folder; returns what gives it back. Throws where another process does the same work in it. */
export function lockRun(folder: string, work: keyof typeof WORKS = "training"): () => void {
  const file = join(folder, `.${work}.json`);
  const holder = readClaim(file);
  if (holder && standing(holder)) {
    throw new Error(
      `${folder} is being ${WORKS[work]} in by process ${holder.process} on ${holder.host}; wait for it or stop it ` +
        `(if no such ${work} is running, delete ${file}).`,
    );
  }
  const claim: Claim = { process: process.pid, host: hostname() };
  try {
    rmSync(file, { force: true });
    writeFileSync(file, JSON.stringify(claim) + "\n", { flag: "wx" });
  } catch (error) {
    throw new Error(`${folder} cannot be claimed for ${work} (${reasonOf(error)}).`, { cause: error });
  }
  return () => removeQuietly(file);
}

/** undefined where there is none, or where it is not to be read: half-written by a process that was killed. */
function readClaim(file: string): Claim | undefined {
  try {
    const { process: id, host } = JSON.parse(readFileSync(file, "utf8")) as Partial<Claim>;
    // 0 and negative numbers would mean groups of processes
    return Number.isInteger(id) && Number(id) > 0 && typeof host === "string"
      ? { process: Number(id), host }
      : undefined;
  } catch {
    return undefined;
  }
}

function standing({ process: id, host }: Claim): boolean {
  if (host !== hostname()) return true;
  if (id === process.pid) return false; // ours alone: an earlier process of the same number has ended
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // alive, of another user
  }
}
