/**
 * A run is a folder: `config.json`, `metrics.jsonl` (the source of truth), `checkpoints/` and `report.html`.
 *
 * A folder that holds a run is never written over: it is resumed, or the command says so and stops. Metrics are lines of JSON;
 * whatever depends on the clock stands under the key `time`, so that two runs can be compared without it.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { complete, type Configuration, type PartialConfiguration } from "./configuration.js";
import type { ExampleRow } from "./examples.js";
import type { MetricsLine } from "./metrics.js";

export class RunFolder {
  private constructor(readonly path: string) {}

  get checkpoints(): string {
    return join(this.path, "checkpoints");
  }
  get report(): string {
    return join(this.path, "report.html");
  }
  /** The newest complete state of the run. */
  get last(): string {
    return join(this.checkpoints, "last.safetensors");
  }
  /** The state with the best validation score so far. */
  get best(): string {
    return join(this.checkpoints, "best.safetensors");
  }
  private get examplesFile(): string {
    return join(this.path, "examples.json");
  }
  private get metricsFile(): string {
    return join(this.path, "metrics.jsonl");
  }

  /** Starts a run in a folder that holds none. */
  static async create(path: string, configuration: Configuration): Promise<RunFolder> {
    const run = new RunFolder(path);
    if (existsSync(join(path, "config.json"))) {
      throw new Error(
        `${path} already holds a run; continue it with --resume ${path}, or name another folder with --out.`,
      );
    }
    await mkdir(run.checkpoints, { recursive: true }).catch((error: Error) => {
      throw new Error(`${path}: the run's folder cannot be made (${error.message}).`, { cause: error });
    });
    const temporary = join(path, ".config.json.partial");
    await writeFile(temporary, JSON.stringify(configuration, null, 2) + "\n");
    await rename(temporary, join(path, "config.json"));
    return run;
  }

  /** Opens a folder that holds a run. */
  static async open(path: string): Promise<{ run: RunFolder; configuration: Configuration }> {
    const file = join(path, "config.json");
    const text = await readFile(file, "utf8").catch((error: Error) => {
      throw new Error(`${path} holds no run: ${file} cannot be read (${error.message}).`, { cause: error });
    });
    let given: PartialConfiguration;
    try {
      given = JSON.parse(text) as PartialConfiguration;
    } catch (error) {
      throw new Error(`${file} is damaged: ${(error as Error).message}.`, { cause: error });
    }
    return { run: new RunFolder(path), configuration: complete(given) };
  }

  /** Pictures for the report; none before the final evaluation. */
  examples(): ExampleRow[] {
    if (!existsSync(this.examplesFile)) return [];
    return JSON.parse(readFileSync(this.examplesFile, "utf8")) as ExampleRow[];
  }

  saveExamples(rows: readonly ExampleRow[]): void {
    writeFileSync(this.examplesFile, JSON.stringify(rows) + "\n");
  }

  append(line: MetricsLine): void {
    appendFileSync(this.metricsFile, JSON.stringify(line) + "\n");
  }

  /** All complete lines; a last line that a kill cut short is left out. */
  metrics(): MetricsLine[] {
    if (!existsSync(this.metricsFile)) return [];
    const lines = readFileSync(this.metricsFile, "utf8").split("\n");
    lines.pop(); // what follows the last line feed: nothing, or a line cut short
    return lines.map((line, index) => {
      try {
        return JSON.parse(line) as MetricsLine;
      } catch (error) {
        throw new Error(`${this.metricsFile}, line ${index + 1}, is damaged: ${(error as Error).message}.`, {
          cause: error,
        });
      }
    });
  }

  /** Drops what was recorded after `step`: the resumed run records it again. */
  truncateMetrics(step: number): void {
    const kept = this.metrics().filter((line) => line.step <= step);
    const temporary = `${this.metricsFile}.partial`;
    writeFileSync(temporary, kept.map((line) => JSON.stringify(line) + "\n").join(""));
    renameSync(temporary, this.metricsFile);
  }
}
