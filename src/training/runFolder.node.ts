/**
 * A run is a folder: `config.json`, `metrics.jsonl` (the source of truth), `checkpoints/`, `examples.json`, `report.html`, and of runs
 * that learn quality `quality.safetensors`, of runs with a local stage `predictions.txt`.
 *
 * A folder that holds a run is never written over: it is resumed, or the command says so and stops. Metrics are lines of JSON;
 * whatever depends on the clock stands under the key `time`, so that two runs can be compared without it.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { complete, listSettings, type Configuration, type PartialConfiguration } from "./configuration.js";
import { parseExamples, type ExampleRow } from "./examples.js";
import { parseMetricsLine, type MetricsLine } from "./metrics.js";
import { reasonOf } from "./reasonOf.node.js";
import { lockRun } from "./runLock.node.js";
import { isTemporaryName } from "./temporaryName.node.js";
import { writeWhole } from "./writeWhole.node.js";

/** Paths and files of one run. Every error is a sentence that names the file. */
export class RunFolder {
  private constructor(readonly path: string) {}

  get checkpoints(): string {
    return join(this.path, "checkpoints");
  }
  get report(): string {
    return join(this.path, "report.html");
  }
  /** What scores images; of runs that learn quality, once they are finished. */
  get qualityModel(): string {
    return RunFolder.qualityModelOf(this.path);
  }

  static qualityModelOf(path: string): string {
    return join(path, "quality.safetensors");
  }

  /** Of runs with a local stage: what the network took training images for when it began. */
  get predictions(): string {
    return join(this.path, "predictions.txt");
  }

  /** The newest complete state of the run. */
  get last(): string {
    return join(this.checkpoints, "last.safetensors");
  }
  /** The state with the best validation score so far. */
  get best(): string {
    return join(this.checkpoints, "best.safetensors");
  }
  private get configurationFile(): string {
    return join(this.path, "config.json");
  }
  private get examplesFile(): string {
    return join(this.path, "examples.json");
  }
  private get metricsFile(): string {
    return join(this.path, "metrics.jsonl");
  }

  /** A place for a new run, in which nothing is written before `begin`. Throws where there is a run, or what is left of one. */
  static vacant(path: string): RunFolder {
    const run = new RunFolder(path);
    if (path === "") throw new Error("the folder of a run needs a name, given an empty one.");
    if ([run.configurationFile, run.metricsFile, run.last, run.best].some((file) => existsSync(file))) {
      throw new Error(
        `${path} already holds a run; continue it with --resume ${path}, or name another folder with --out.`,
      );
    }
    return run;
  }

  /** Whether a folder holds a run that can be opened. */
  static exists(path: string): boolean {
    return existsSync(new RunFolder(path).configurationFile);
  }

  /** Opens a folder that holds a run. */
  static async open(path: string): Promise<{ run: RunFolder; configuration: Configuration }> {
    const { run, configuration } = await RunFolder.read(path);
    return { run, configuration };
  }

  /** Opens it to train on. Every setting must be written down: a default of today need not be what the run began with. */
  static async openToTrain(path: string): Promise<{ run: RunFolder; configuration: Configuration }> {
    const { run, configuration, given } = await RunFolder.read(path);
    const known = new Set(listSettings(given).map(([name]) => name));
    const missing = listSettings(configuration).filter(([name]) => !known.has(name));
    if (missing.length > 0) {
      const names = missing.map(([name]) => name).join(", ");
      throw new Error(
        `${run.configurationFile} does not say ${names}: the run was begun by another version of this program. ` +
          `Write down what it was begun with, or begin another run.`,
      );
    }
    return { run, configuration };
  }

  private static async read(
    path: string,
  ): Promise<{ run: RunFolder; configuration: Configuration; given: PartialConfiguration }> {
    const run = new RunFolder(path);
    const file = run.configurationFile;
    const text = await readFile(file, "utf8").catch((error: Error) => {
      throw new Error(`${path} holds no run: its config.json cannot be read (${reasonOf(error)}).`, { cause: error });
    });
    let given: PartialConfiguration;
    try {
      given = JSON.parse(text) as PartialConfiguration;
    } catch (error) {
      throw new Error(`${file} is damaged: ${(error as Error).message}.`, { cause: error });
    }
    try {
      return { run, configuration: complete(given), given };
    } catch (error) {
      throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Makes the folder, claims it for this process and writes the configuration. Returns what gives the claim back. */
  begin(configuration: Configuration): () => void {
    const release = this.claim();
    try {
      RunFolder.vacant(this.path); // another process may have begun in the meantime
      writeWhole(this.configurationFile, JSON.stringify(configuration, null, 2) + "\n");
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  /** Claims the folder for training by this process alone; clears what a killed process left half-written. Returns what gives it back. */
  claim(): () => void {
    try {
      makeFolder(this.checkpoints);
    } catch (error) {
      throw new Error(`${this.path}: the run's folder cannot be made (${reasonOf(error)}).`, { cause: error });
    }
    const release = lockRun(this.path);
    try {
      for (const folder of [this.path, this.checkpoints]) {
        for (const name of readdirSync(folder).filter(isTemporaryName)) rmSync(join(folder, name), { force: true });
      }
    } catch (error) {
      release();
      throw new Error(`${this.path}: what is left of an earlier process cannot be removed (${reasonOf(error)}).`, {
        cause: error,
      });
    }
    return release;
  }

  /** The checkpoint to evaluate: the best one where there was a validation, else the last. Throws where there is none yet. */
  model(): string {
    const found = [this.best, this.last].find((file) => existsSync(file));
    if (found) return found;
    throw new Error(
      `${this.path} has no checkpoint; if the run was stopped before its first, continue it with --resume.`,
    );
  }

  /** Pictures for the report; none before the final evaluation. */
  examples(): ExampleRow[] {
    if (!existsSync(this.examplesFile)) return [];
    try {
      return parseExamples(readFileSync(this.examplesFile, "utf8"));
    } catch (error) {
      throw new Error(
        `${this.examplesFile} is damaged: ${(error as Error).message}; delete it for a report without pictures.`,
        { cause: error },
      );
    }
  }

  saveExamples(rows: readonly ExampleRow[]): void {
    writeWhole(this.examplesFile, JSON.stringify(rows) + "\n");
  }

  append(line: MetricsLine): void {
    try {
      appendFileSync(this.metricsFile, JSON.stringify(line) + "\n");
    } catch (error) {
      throw new Error(
        `${this.metricsFile}: step ${line.step} could not be recorded (${reasonOf(error)}); the run can be resumed from its last checkpoint.`,
        { cause: error },
      );
    }
  }

  /** All complete lines; a last line that a kill cut short is left out. */
  metrics(): MetricsLine[] {
    return this.metricsText().map((text, index) => {
      try {
        return parseMetricsLine(text);
      } catch (error) {
        throw new Error(`${this.metricsFile}, line ${index + 1}, is damaged: ${(error as Error).message}.`, {
          cause: error,
        });
      }
    });
  }

  /** Keeps the lines that `keep` accepts, as they are written: what a resumed run does again, it records again. */
  filterMetrics(keep: (line: MetricsLine) => boolean): void {
    const lines = this.metrics();
    const kept = this.metricsText().filter((_, index) => keep(lines[index]));
    writeWhole(this.metricsFile, kept.map((text) => `${text}\n`).join(""));
  }

  private metricsText(): string[] {
    if (!existsSync(this.metricsFile)) return [];
    try {
      const lines = readFileSync(this.metricsFile, "utf8").split("\n");
      lines.pop(); // what follows the last line feed: nothing, or a line cut short
      return lines;
    } catch (error) {
      throw new Error(`${this.metricsFile} cannot be read (${reasonOf(error)}).`, { cause: error });
    }
  }
}

/** Makes a folder and those above it. Node's own `recursive` blames a missing folder where the file system is read-only. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
