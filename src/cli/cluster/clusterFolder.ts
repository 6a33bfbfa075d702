/**
 * The folder of a clustering: `cluster.json` (settings, and in the end what came out), `labels.npy`, `centroids.npy`; while it is under way
 * `state.safetensors`, from which it is gone on with.
 *
 * Nothing is written before there is a state to save, so that what is refused leaves nothing behind; and every file whole or not at all.
 * One process clusters in a folder at a time.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeNpy } from "../../data/npy/npy.js";
import { explainIssue } from "../../training/explainIssue.js";
import { reasonOf } from "../../training/reasonOf.node.js";
import { removeQuietly } from "../../training/removeQuietly.node.js";
import { lockRun } from "../../training/runLock.node.js";
import { openSafetensors, writeSafetensors } from "../../training/safetensors.node.js";
import { writeWhole } from "../../training/writeWhole.node.js";
import type { KMeansState } from "../../unicom/index.js";
import type { ClusterResult } from "./clusterResult.js";
import { clusterSettingsSchema, type ClusterSettings } from "./clusterSettings.js";

const FORMAT = "partial-fc/clustering-1";

const iteration = z.strictObject({
  iteration: z.int().min(1),
  inertia: z.number(),
  /** Labels that are others than before; none are kept of mini-batches. */
  changed: z.int().optional(),
  empty: z.int(),
  seconds: z.number(),
  /** Share of all scores of rows and centroids that were computed. */
  compared: z.number(),
});

export type Iteration = Readonly<z.infer<typeof iteration>>;

/** Where a clustering stands. */
export interface Standing {
  readonly state: KMeansState;
  /** All iterations so far. */
  readonly history: readonly Iteration[];
  /** Of the features: a clustering goes on with the same ones only. */
  readonly digest: string;
}

/** What a clustering ends with. */
export interface Finished {
  readonly labels: Int32Array;
  readonly centroids: Float32Array;
  readonly columns: number;
  readonly result: ClusterResult;
}

const recordSchema = z.object({ settings: clusterSettingsSchema, result: z.unknown().optional() });

const metadataSchema = z.object({
  method: z.enum(["lloyd", "mini-batch"]),
  spherical: z.boolean(),
  iteration: z.int().min(1),
  converged: z.boolean(),
  history: z.array(iteration),
  digest: z.string(),
});

export class ClusterFolder {
  private constructor(readonly path: string) {}

  get labels(): string {
    return join(this.path, "labels.npy");
  }
  private get record(): string {
    return join(this.path, "cluster.json");
  }
  private get state(): string {
    return join(this.path, "state.safetensors");
  }

  /** A place for a new clustering. @throws Error where something is there already */
  static vacant(path: string): ClusterFolder {
    if (path === "") throw new Error("the folder of a clustering needs a name, given an empty one.");
    const folder = new ClusterFolder(path);
    if (!existsSync(path)) return folder;
    if (!statSync(path).isDirectory())
      throw new Error(`${path} is there already, as a file; name another folder with --out.`);
    if (readdirSync(path).length === 0) return folder;
    const goOn = existsSync(folder.state) ? `go on with its clustering by --resume ${path}, or ` : "";
    throw new Error(`${path} is there already and not empty; ${goOn}name another folder with --out.`);
  }

  /** One to be gone on with. @throws Error where there is none, or it is finished */
  static open(path: string): { folder: ClusterFolder; settings: ClusterSettings } {
    const folder = new ClusterFolder(path);
    const { data, error } = recordSchema.safeParse(readRecord(path, folder.record));
    if (error) throw new Error(`${folder.record}: ${explainIssue(error.issues[0], undefined)}.`);
    if (data.result !== undefined)
      throw new Error(`${path} holds a finished clustering: its classes are in ${folder.labels}.`);
    return { folder, settings: data.settings };
  }

  /** Makes the folder, claims it for this process and writes the settings. Returns what gives the claim back. */
  begin(settings: ClusterSettings): () => void {
    ClusterFolder.vacant(this.path); // another process may have begun in the meantime
    this.make();
    const release = this.claim();
    try {
      writeWhole(this.record, `${JSON.stringify({ settings }, null, 2)}\n`);
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  /** Claims the folder for this process alone. Returns what gives it back. @throws Error where another one clusters in it */
  claim(): () => void {
    return lockRun(this.path, "clustering");
  }

  private make(): void {
    try {
      mkdirSync(this.path, { recursive: true });
    } catch (error) {
      throw new Error(`${this.path}: the folder of the clustering cannot be made (${reasonOf(error)}).`, {
        cause: error,
      });
    }
  }

  async save({ state, history, digest }: Standing): Promise<void> {
    const { centroids, columns, labels, seen, ...rest } = state;
    await writeSafetensors(
      this.state,
      [
        { name: "centroids", dtype: "F32", shape: [centroids.length / columns, columns], chunks: () => [centroids] },
        { name: "labels", dtype: "F64", shape: [labels.length], chunks: () => [Float64Array.from(labels)] },
        { name: "seen", dtype: "F64", shape: [seen.length], chunks: () => [seen] },
      ],
      { format: FORMAT, state: JSON.stringify({ ...rest, history, digest }) },
    );
  }

  /** Where it stands; undefined where it was killed before its first saving. @throws Error that names the file if it is damaged */
  async load(): Promise<Standing | undefined> {
    if (!existsSync(this.state)) return undefined;
    const file = await openSafetensors(this.state);
    try {
      const { format = "none", state: text = "null" } = file.metadata;
      if (format !== FORMAT)
        throw new Error(`${this.state} holds no clustering (format "${format}", needed "${FORMAT}").`);
      const { data, error } = metadataSchema.safeParse(JSON.parse(text));
      if (error) throw new Error(`${this.state}: damaged metadata: ${explainIssue(error.issues[0], undefined)}.`);
      const read = async (name: string): Promise<Float32Array | Float64Array> => {
        const stored = file.tensors.get(name);
        if (stored) return stored.read();
        throw new Error(`${this.state} has no ${name}.`);
      };
      const { history, digest, ...rest } = data;
      const centroids = Float32Array.from(await read("centroids"));
      const columns = file.tensors.get("centroids")!.shape[1];
      const [labels, seen] = [Int32Array.from(await read("labels")), Float64Array.from(await read("seen"))];
      return { state: { ...rest, centroids, columns, labels, seen }, history, digest };
    } finally {
      await file.close();
    }
  }

  /** Writes what came out into the folder that is claimed; there is nothing to go on with any more. */
  finish(settings: ClusterSettings, { labels, centroids, columns, result }: Finished): void {
    writeWhole(this.labels, writeNpy({ shape: [labels.length], data: labels }));
    const shape = [centroids.length / columns, columns];
    writeWhole(join(this.path, "centroids.npy"), writeNpy({ shape, data: centroids }));
    writeWhole(this.record, `${JSON.stringify({ settings, result }, null, 2)}\n`);
    removeQuietly(this.state);
  }
}

/** Elements that are hashed at once: Node takes less than 2 GiB. */
const PIECE = 2 ** 24;

export function digestOf(features: Float32Array): string {
  const hash = createHash("sha256");
  for (let start = 0; start < features.length; start += PIECE) hash.update(features.subarray(start, start + PIECE));
  return hash.digest("hex");
}

function readRecord(path: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${path} holds no clustering: its cluster.json cannot be read (${reasonOf(error)}).`, {
      cause: error,
    });
  }
}
