/** The whole step of a small network: IResNet with widths 32/64/128 and a CosFace head over all of 1,000 classes, update included. */
import { constant } from "../src/autograd/index.js";
import { SGD, smallIresnet, training } from "../src/nn/index.js";
import { cosFace, PartialFC } from "../src/pfc/index.js";
import type { Engine } from "../src/tensor/engine.js";
import { random, type Row } from "./kernels.js";
import { measure } from "./measure.js";

const CLASSES = 1000;
const EMBEDDING = 128;

export interface NetworkStep {
  /** Forward, backward and SGD on one batch. */
  readonly run: () => void;
  readonly dispose: () => void;
}

/** blocks: residual blocks of each stage; two everywhere is the network that `docs/performance.md` compares with PyTorch. */
export function networkStep(
  engine: Engine,
  batch: number,
  side: number,
  blocks: readonly number[] = [2, 2, 2],
): NetworkStep {
  const backbone = smallIresnet(engine, { side, blocks, embedding: EMBEDDING, seed: 1 });
  const margin = cosFace({ scale: 30, margin: 0.2 });
  const head = new PartialFC(engine, { classes: CLASSES, embedding: EMBEDDING, ratio: 1, margin, seed: 1 });
  const optimizer = new SGD([backbone, head], { momentum: 0.9, decay: 5e-4 });
  const images = constant(random(engine, [batch, 1, side, side], "images"));
  const labels = Int32Array.from({ length: batch }, (_, row) => (row * 769) % CLASSES);
  let step = 0;
  const run = (): void => {
    engine.scope(() => {
      const embeddings = backbone.forward(images, training(step, { seed: 1 })); // [B, E]
      head.loss(embeddings, labels, step++).backward();
      optimizer.step({ rate: 0.05 });
    });
    optimizer.zeroGrad();
  };
  const dispose = (): void => {
    optimizer.dispose();
    head.centers.dispose();
    backbone.dispose();
    images.tensor.dispose();
  };
  return { run, dispose };
}

/** The step as a row of the table. */
export function networkRow(engine: Engine, batch: number, side: number): Row {
  const { run, dispose } = networkStep(engine, batch, side);
  const work = `network step, batch ${batch}, ${side} pixels`;
  const result = measure(work, run, 4);
  dispose();
  return { work, engine: engine.name, operations: 0, ...result };
}
