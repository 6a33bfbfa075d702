/**
 * A whole training step of a small network, and the batch it is fed with: backbone, head and data told apart.
 *
 * Widths 32, 64 and 128, two blocks each, embedding 128, a CosFace head with all of its 1,000 classes, SGD with momentum. The step is
 * that of `pfc train`; its images come from the built-in identities, drawn once and changed at random for every batch.
 */
import { builtinIdentities, DEFAULT_AUGMENTATION, loader, type Batch } from "../data/index.js";
import { SGD, smallIresnet, smallIresnetSpecification } from "../nn/index.js";
import { cosFace, PartialFC } from "../pfc/index.js";
import type { Engine } from "../tensor/engine.js";
import { trainingStep, type StepResult } from "../training/trainingStep.js";
import { headModel } from "./headModel.js";
import { trainingOperations } from "./networkOperations.js";
import type { Work } from "./work.js";

const CLASSES = 1000;
const EMBEDDING = 128;
const RULE = { momentum: 0.9, decay: 5e-4 };

export interface TrainSize {
  /** Images a step. */
  readonly batch: number;
  /** Pixels of a side. */
  readonly side: number;
}

export interface TrainWorks {
  readonly works: Work[];
  dispose(): void;
}

export async function trainWorks(engine: Engine, variant: string, { batch, side }: TrainSize): Promise<TrainWorks> {
  const samples = Math.max(2, Math.ceil((2 * batch) / CLASSES));
  const set = builtinIdentities({ identities: CLASSES, samples, side, seed: "benchmark" });
  const batches = loader({ set, batch, seed: "benchmark", augmentation: DEFAULT_AUGMENTATION.builtin });
  const backbone = smallIresnet(engine, { side, embedding: EMBEDDING, seed: "benchmark" });
  const head = new PartialFC(engine, {
    classes: CLASSES,
    embedding: EMBEDDING,
    ratio: 1,
    margin: cosFace({ scale: 30, margin: 0.2 }),
    seed: "benchmark",
  });
  const backboneOptimizer = new SGD(backbone, RULE);
  const headOptimizer = new SGD(head, RULE);
  const trainee = { engine, backbone, head, backboneOptimizer, headOptimizer, clip: Infinity, seed: "benchmark" };
  let step = 0;
  let ready: Batch = await batches.at(0);
  let result: StepResult | undefined;
  let seconds = 0;
  const specification = smallIresnetSpecification({ side, embedding: EMBEDDING });
  const headSize = {
    classes: CLASSES,
    embedding: EMBEDDING,
    batch,
    ratio: 1,
    update: "sparse",
    storage: "float32",
  } as const;
  const { operations: headOperations, bytes: headBytes } = headModel(headSize);
  const backboneOperations = trainingOperations(specification, batch);
  const common = { variant, engine: engine.name, settings: { batch, side, classes: CLASSES, embedding: EMBEDDING } };
  const headSeconds = (): number => (result?.headMilliseconds ?? 0) / 1e3;
  const parts = {
    backbone: { operations: backboneOperations, seconds: () => seconds - headSeconds() },
    head: { operations: headOperations, bytes: headBytes, seconds: headSeconds },
  };
  const training: Work = {
    ...common,
    name: "training step",
    operations: backboneOperations + headOperations,
    prepare: async () => {
      ready = await batches.at(step++);
    },
    run: async () => {
      const started = performance.now();
      result = await trainingStep(trainee, [ready], { rate: 0.05 }, [1, side, side]);
      seconds = (performance.now() - started) / 1e3;
    },
    settle: async () => engine.ready(),
    ...(engine.kind !== "gpu" && { parts }),
  };
  const data: Work = {
    ...common,
    name: "data: a batch, augmented",
    run: async () => {
      ready = await batches.at(step++);
    },
  };
  return {
    works: [training, data],
    dispose: () => {
      backboneOptimizer.dispose();
      headOptimizer.dispose();
      head.dispose();
      backbone.dispose();
    },
  };
}
