/**
 * A whole small training of Partial FC, on any engine and in a page as well: built-in identities, a residual network, half of the class centers a
 * step, then recall on identities that were never trained on.
 */
import { builtinIdentities } from "../../src/data/builtin/builtinIdentities.js";
import { loader } from "../../src/data/loader.js";
import { recallAtK } from "../../src/evaluation/recall.js";
import { SGD, smallIresnet } from "../../src/nn/index.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { EngineName } from "../../src/tensor/engineNames.js";
import { embedImages } from "../../src/training/embedImages.js";
import { trainingStep } from "../../src/training/trainingStep.js";

const side = 16;
const trained = { identities: 100, samples: 8, side };
const unseen = { identities: 60, samples: 6, side, firstIdentity: 100 };

export interface RunOf {
  readonly engine: EngineName;
  readonly steps: number;
  readonly seed: number;
  /** Of wasm. */
  readonly multiplyAdd?: "fused" | "separate";
}

export interface TinyRun {
  /** What really ran. */
  readonly name: string;
  /** Loss of every step. */
  readonly losses: readonly number[];
  /** On unseen identities. */
  readonly recallAt1: number;
  readonly queries: number;
  readonly milliseconds: number;
  /** Of a GPU engine: tensors read while training, and those of tables on the host. */
  readonly reads?: number;
  readonly streamedReads?: number;
}

export async function run({ engine: name, steps, seed, multiplyAdd }: RunOf): Promise<TinyRun> {
  const engine = await openEngine(name, { multiplyAdd });
  const set = builtinIdentities({ ...trained, seed });
  const batches = loader({ set, batch: 16, seed });
  const backbone = smallIresnet(engine, { side, seed, widths: [8, 16], blocks: [1, 1], embedding: 32 });
  const margin = cosFace({ scale: 16, margin: 0.1 });
  const head = new PartialFC(engine, { classes: set.classes, embedding: 32, ratio: 0.5, path: "fused", margin, seed });
  const rule = { momentum: 0.9, decay: 5e-4 };
  const optimizers = { backboneOptimizer: new SGD(backbone, rule), headOptimizer: new SGD(head, rule) };
  const trainee = { engine, backbone, head, seed, clip: 5, ...optimizers };
  const started = performance.now();
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const rate = 0.1 * (1 - step / steps);
    const { loss } = await trainingStep(trainee, [await batches.at(step)], { rate }, [1, side, side]);
    losses.push(loss);
  }
  await engine.ready();
  const milliseconds = performance.now() - started;
  const traffic = trafficOf(engine);
  const test = builtinIdentities({ ...unseen, seed });
  const embeddings = await embedImages({ engine, backbone, set: test });
  const { recall, queries } = await recallAtK({ embeddings, labels: test.labels, embedding: 32, ks: [1] });
  await engine.close();
  return { name: engine.name, losses, recallAt1: recall[0].recall, queries, milliseconds, ...traffic };
}

function trafficOf(engine: Engine): { reads?: number; streamedReads?: number } {
  if (!("traffic" in engine)) return {};
  const { reads, streamedReads } = engine.traffic as { reads: number; streamedReads: number };
  return { reads, streamedReads };
}
