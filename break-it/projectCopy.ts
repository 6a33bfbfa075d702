/** A copy of the project in a temporary folder, in which one fault at a time is planted; the working tree is never touched. */
import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Fault } from "./fault.js";

/** What the properties need. */
const PARTS = ["src", "property-tests", "test", "scripts", "package.json", "tsconfig.json"];
/** Sources that are compiled before they run, and what they are compiled to. */
const KERNELS = "src/tensor/engines/wasm/kernels/";
const COMPILED = "src/tensor/engines/wasm/generated/kernels.ts";

export class ProjectCopy {
  private constructor(readonly folder: string) {}

  static async make(project: string): Promise<ProjectCopy> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "break-it-"));
    for (const part of PARTS) await cp(path.join(project, part), path.join(folder, part), { recursive: true });
    await symlink(path.join(project, "node_modules"), path.join(folder, "node_modules"));
    return new ProjectCopy(folder);
  }

  /** Plants the fault, runs `body`, and puts the sources back. @throws Error if the fault does not fit its file any more. */
  async withFault<T>(fault: Fault, body: () => Promise<T>): Promise<T> {
    const file = path.join(this.folder, fault.file);
    const sound = await readFile(file, "utf8");
    const compiled = path.join(this.folder, COMPILED);
    const soundKernels = await readFile(compiled, "utf8");
    await writeFile(file, plant(fault, sound));
    try {
      if (fault.file.startsWith(KERNELS)) this.compileKernels();
      return await body();
    } finally {
      await writeFile(file, sound);
      await writeFile(compiled, soundKernels);
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private compileKernels(): void {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/buildKernels.mjs"], { cwd: this.folder });
    if (status !== 0) throw new Error(`the kernels do not compile with this fault: ${stderr.toString().slice(0, 500)}`);
  }
}

/** The source with the fault in it. @throws Error unless the piece to replace occurs exactly once. */
export function plant({ name, file, find, replace }: Fault, source: string): string {
  const occurrences = source.split(find).length - 1;
  if (occurrences !== 1) {
    throw new Error(
      `fault "${name}": the piece to replace must occur in ${file} once, but occurs ${occurrences} times: ${find}`,
    );
  }
  return source.replace(find, () => replace);
}
