/**
 * Where a benchmark is kept: `bench.jsonl` (every number), `bench.html` (the page) and one SVG a figure.
 *
 * A folder that holds anything is refused before a minute is spent on measuring. Lines are appended as they come, so whoever stops a benchmark
 * keeps what was measured; the folder itself is made with the first line.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../training/reasonOf.node.js";
import { writeWhole } from "../training/writeWhole.node.js";
import { figures } from "./figures.js";
import type { BenchmarkLine } from "./lines.js";
import { renderPage } from "./renderPage.js";

export class BenchmarkFolder {
  /** @throws Error where there is a file of that name, or a folder that is not empty. Nothing is written yet. */
  constructor(readonly path: string) {
    if (path === "") throw new Error("--out: the folder of a benchmark needs a name, given an empty one.");
    if (!existsSync(path)) return;
    if (!statSync(path).isDirectory()) throw new Error(`${path} is a file; name a folder with --out.`);
    const [first] = readdirSync(path);
    if (first === undefined) return;
    throw new Error(`${path} holds other files already (${first}); name a new or empty folder with --out.`);
  }

  get page(): string {
    return join(this.path, "bench.html");
  }

  /** Adds one line to the record. */
  append(line: BenchmarkLine): void {
    const file = join(this.path, "bench.jsonl");
    try {
      mkdirSync(this.path, { recursive: true });
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    } catch (error) {
      throw new Error(`${file}: could not be written (${reasonOf(error)}).`, { cause: error });
    }
  }

  /** Draws what the lines say. */
  draw(lines: readonly BenchmarkLine[]): void {
    for (const { file, svg } of figures(lines)) writeWhole(join(this.path, `${file}.svg`), svg);
    writeWhole(this.page, renderPage(lines));
  }
}
