/** One step of the Partial FC head: sampling, cosines, margin, loss, both gradients, and the update of the sampled centers. */
import { parameter } from "../src/autograd/index.js";
import { SGD } from "../src/nn/index.js";
import { cosFace, headCost, PartialFC } from "../src/pfc/index.js";
import type { Engine } from "../src/tensor/engine.js";
import { random, type Row } from "./kernels.js";
import { measure } from "./measure.js";

const CLASSES = 100_000;
const EMBEDDING = 512;
const BATCH = 128;

export function headRows(engine: Engine, ratios: readonly number[] = [0.1, 1]): Row[] {
  return ratios.map((ratio) => {
    const options = { classes: CLASSES, embedding: EMBEDDING, ratio };
    const head = new PartialFC(engine, { ...options, margin: cosFace(), seed: 1 });
    const optimizer = new SGD(head, { momentum: 0.9, decay: 5e-4 });
    const embeddings = parameter(random(engine, [BATCH, EMBEDDING], "embeddings"));
    let step = 0;
    const work = `head ${CLASSES} classes, dim ${EMBEDDING}, batch ${BATCH}, r = ${ratio}`;
    const result = measure(
      work,
      () => {
        const labels = Int32Array.from({ length: BATCH }, (_, row) => (row * 769 + step * 31) % CLASSES);
        engine.scope(() => head.loss(embeddings, labels, step++).backward());
        engine.scope(() => optimizer.step({ rate: 0.1 }));
        optimizer.zeroGrad();
        embeddings.zeroGrad();
      },
      4,
    );
    optimizer.dispose();
    head.centers.dispose();
    embeddings.tensor.dispose();
    return { work, engine: engine.name, operations: headCost({ ...options, batch: BATCH }).flops, ...result };
  });
}
