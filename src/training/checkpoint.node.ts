/**
 * A checkpoint: everything that the rest of a run depends on, in one safetensors file.
 *
 * Backbone with running statistics, class centers [C, E] as one matrix (whatever the number of ranks), optimizer state, and in the
 * metadata the configuration, the step, the update counts and the best validation so far. Data order and random streams are
 * functions of the step. Large tables are written and read in chunks. A state that is no longer finite is not written: the
 * earlier file, from which training can go on, stays.
 */
import { z } from "zod";
import { loadStateDictionary, type Module, type Optimizer, type StoredValues } from "../nn/index.js";
import type { PartialFC } from "../pfc/index.js";
import type { FloatArray } from "../tensor/engine.js";
import type { RowStore } from "../tensor/rowStore.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { complete, listSettings, type Configuration, type PartialConfiguration } from "./configuration.js";
import { explainIssue, shown } from "./explainIssue.js";
import { openSafetensors, writeSafetensors, type SafetensorsFile, type TensorSource } from "./safetensors.node.js";

const FORMAT = "partial-fc/checkpoint-1";
/** Rows of a table that are in memory at once while it is written or read. */
const CHUNK_ROWS = 65_536;

export interface TrainingState {
  readonly backbone: Module;
  readonly head: PartialFC;
  readonly backboneOptimizer: Optimizer;
  readonly headOptimizer: Optimizer;
}

const progressSchema = z.strictObject({
  /** Updates done. */
  step: z.int().min(0),
  /** Best validation score so far; undefined before the first. */
  best: z.number().optional(),
  /** The validation that belongs to this step is still to be made; absent where none is. */
  validationDue: z.literal(true).optional(),
});
export type Progress = Readonly<z.infer<typeof progressSchema>>;

/** Updates done of each parameter and table. */
const updatesSchema = z.record(z.string(), z.int().min(0), { error: "an object" });

const PREFIX = {
  backbone: "backbone.",
  centers: "head.centers",
  margin: "head.margin.",
  optimizer: "optimizer.",
} as const;

/** Writes the state whole or not at all. Throws, and leaves the earlier file, where a value is NaN or infinite. */
export async function saveCheckpoint(
  path: string,
  state: TrainingState,
  progress: Progress,
  configuration: Configuration,
): Promise<void> {
  const optimizers = [state.backboneOptimizer.state(), state.headOptimizer.state()];
  const sources = [
    ...tensorSources(state.backbone.stateDictionary(), PREFIX.backbone),
    tableSource(PREFIX.centers, state.head.centers.store),
    ...tensorSources(marginState(state.head), PREFIX.margin),
    ...optimizers.flatMap(({ tensors }) => tensorSources(tensors, PREFIX.optimizer)),
    ...optimizers.flatMap(({ rows }) => [...rows].map(([name, store]) => tableSource(PREFIX.optimizer + name, store))),
  ];
  await writeSafetensors(path, sources, {
    format: FORMAT,
    configuration: JSON.stringify(configuration),
    progress: JSON.stringify(progress),
    updates: JSON.stringify(Object.assign({}, ...optimizers.map(({ updates }) => updates))),
  });
}

/** Puts a stored state in place. Throws when it was made with other settings, or belongs to another network, head or optimizer. */
export async function loadCheckpoint(
  path: string,
  state: TrainingState,
  configuration: Configuration,
): Promise<Progress> {
  const file = await openCheckpoint(path);
  try {
    checkSettings(file, path, configuration);
    const updates = parseMetadata(file, path, "updates", updatesSchema);
    const progress = parseMetadata(file, path, "progress", progressSchema);
    await within(path, async () => {
      const { centers } = state.head;
      await loadTable(file, PREFIX.centers, centers.store);
      const remembered = marginState(state.head);
      loadStateDictionary(remembered, await readNamed(file, PREFIX.margin, [...remembered.keys()]));
      for (const optimizer of [state.backboneOptimizer, state.headOptimizer]) {
        const { tensors, rows } = optimizer.state();
        optimizer.loadState({ updates, tensors: await readNamed(file, PREFIX.optimizer, [...tensors.keys()]) });
        for (const [name, store] of rows) await loadTable(file, PREFIX.optimizer + name, store);
      }
      await loadBackboneFrom(file, state.backbone);
    });
    return progress;
  } finally {
    await file.close();
  }
}

/** Loads the backbone alone: what evaluation and embedding need. */
export async function loadBackbone(path: string, backbone: Module): Promise<Progress> {
  const file = await openCheckpoint(path);
  try {
    const progress = parseMetadata(file, path, "progress", progressSchema);
    await within(path, () => loadBackboneFrom(file, backbone));
    return progress;
  } finally {
    await file.close();
  }
}

/** Whether a checkpoint holds a backbone of these shapes; the description needs no memory. */
export async function fitsCheckpoint(path: string, backbone: Module): Promise<boolean> {
  const file = await openCheckpoint(path);
  const shapes = backbone.parameterShapes();
  await file.close();
  return shapes.every(({ name, shape }) => file.tensors.get(PREFIX.backbone + name)?.shape.join() === shape.join());
}

/** Loads backbone and class centers of a finished run, for what is trained on top of them; a regression unit of its own is left out. */
export async function loadFinished(path: string, backbone: Module, head: PartialFC): Promise<void> {
  const file = await openCheckpoint(path);
  try {
    await within(path, async () => {
      await loadTable(file, PREFIX.centers, head.centers.store);
      await loadBackboneFrom(file, backbone, (name) => !name.startsWith("qs."));
    });
  } finally {
    await file.close();
  }
}

async function openCheckpoint(path: string): Promise<SafetensorsFile> {
  const file = await openSafetensors(path);
  if (file.metadata.format === FORMAT) return file;
  await file.close();
  const { format = "none" } = file.metadata;
  throw new Error(
    `${path} is a safetensors file, but no checkpoint of this program (format ${shown(format)}, needed "${FORMAT}").`,
  );
}

/** A run goes on with the settings it began with. Files from before settings were stored in them have none to compare. */
function checkSettings(file: SafetensorsFile, path: string, configuration: Configuration): void {
  if (file.metadata.configuration === undefined) return;
  const given = parseMetadata(file, path, "configuration", z.unknown()) as PartialConfiguration; // `complete` checks it
  const stored = completeStored(given, path);
  const now = new Map(listSettings(configuration));
  for (const [name, value] of listSettings(stored)) {
    if (now.get(name) === value) continue;
    throw new Error(
      `${path} was made with ${name} = ${value}, but the run's settings say ${now.get(name)}: ` +
        `a run goes on with the settings it began with; put the value back, or start another run.`,
    );
  }
}

function completeStored(given: PartialConfiguration, path: string): Configuration {
  try {
    return complete(given);
  } catch (error) {
    throw new Error(`${path}: damaged metadata: ${(error as Error).message}`, { cause: error });
  }
}

function parseMetadata<T>(file: SafetensorsFile, path: string, key: string, schema: z.ZodType<T>): T {
  const text = file.metadata[key];
  if (text === undefined) throw new Error(`${path}: damaged metadata: "${key}" is missing.`);
  try {
    const value: unknown = JSON.parse(text);
    const { data, error } = schema.safeParse(value);
    if (error) throw new Error(explainIssue(error.issues[0], value));
    return data;
  } catch (error) {
    throw new Error(`${path}: damaged metadata: "${key}": ${(error as Error).message}.`, { cause: error });
  }
}

/** Puts the file's name before what went wrong in it. */
async function within(path: string, load: () => Promise<void>): Promise<void> {
  try {
    await load();
  } catch (error) {
    throw new Error(`${path} does not fit this run: ${(error as Error).message}`, { cause: error });
  }
}

/** What the margin remembers from batch to batch, by name: nothing, as a rule. */
function marginState({ margin }: PartialFC): Map<string, Tensor> {
  return new Map(Object.entries(margin.buffers ?? {}).map(([name, { tensor }]) => [name, tensor]));
}

function tensorSources(tensors: ReadonlyMap<string, Tensor>, prefix: string): TensorSource[] {
  return [...tensors].map(([name, tensor]) => ({
    name: prefix + name,
    dtype: tensor.engine.float === "float64" ? "F64" : "F32",
    shape: tensor.shape,
    chunks: async function* () {
      yield finite(prefix + name, await tensor.data());
    },
  }));
}

function tableSource(name: string, store: RowStore): TensorSource {
  const chunks = async function* (): AsyncGenerator<FloatArray> {
    for (let start = 0; start < store.rows; start += CHUNK_ROWS) {
      yield finite(name, await store.read(start, Math.min(CHUNK_ROWS, store.rows - start)));
    }
  };
  return { name, dtype: store.engine.float === "float64" ? "F64" : "F32", shape: [store.rows, store.columns], chunks };
}

function finite(name: string, values: FloatArray): FloatArray {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new Error(`"${name}" holds ${values[i]}: training has diverged`);
  }
  return values;
}

async function loadTable(file: SafetensorsFile, name: string, store: RowStore): Promise<void> {
  const stored = file.tensors.get(name);
  const shape = [store.rows, store.columns];
  if (!stored || !sameShape(stored.shape, shape)) {
    throw new Error(
      `"${name}" has shape ${stored ? formatShape(stored.shape) : "(missing)"}, but ${formatShape(shape)} is needed.`,
    );
  }
  for (let start = 0; start < store.rows; start += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, store.rows - start);
    store.load(start, await stored.read(start * store.columns, count * store.columns));
  }
}

async function loadBackboneFrom(
  file: SafetensorsFile,
  backbone: Module,
  wanted: (name: string) => boolean = () => true,
): Promise<void> {
  const names = [...file.tensors.keys()]
    .filter((name) => name.startsWith(PREFIX.backbone))
    .map((name) => name.slice(PREFIX.backbone.length));
  backbone.loadStateDictionary(await readNamed(file, PREFIX.backbone, names.filter(wanted)));
}

/** The tensors of those names that the file has; whoever loads them says which are missing. */
async function readNamed(
  file: SafetensorsFile,
  prefix: string,
  names: readonly string[],
): Promise<Map<string, StoredValues>> {
  const values = new Map<string, StoredValues>();
  for (const name of names) {
    const stored = file.tensors.get(prefix + name);
    if (stored) values.set(name, { shape: stored.shape, data: await stored.read() });
  }
  return values;
}
