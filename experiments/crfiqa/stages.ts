/** What an IResNet says before its last batch norm, and what it says when dropout is on while batch norm evaluates (as SER-FIQ asks). */
import { constant, dropout, noGrad, reshape } from "../../src/autograd/index.js";
import { evaluationBatches } from "../../src/data/evaluationBatches.js";
import type { ImageSet } from "../../src/data/ImageSet.js";
import { evaluating, IResNet, type Module } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { stream } from "../../src/tensor/random.js";

const PASSES = 10;
/** Of the last stage's features. */
const RATE = 0.4;

export interface StochasticPasses {
  /** Before the last batch norm, without dropout: [N, E] */
  readonly before: Float32Array;
  /** PASSES times [N, E] */
  readonly passes: readonly Float32Array[];
}

/** Only the linear layer and the batch norm after it are computed anew in each pass. */
export async function stochasticPasses(engine: Engine, backbone: Module, set: ImageSet): Promise<StochasticPasses> {
  if (!(backbone instanceof IResNet)) throw new Error("stochastic passes: only of an IResNet are the stages known.");
  const { embedding } = backbone;
  const child = (name: string): Module => backbone.children().find(([key]) => key === name)![1];
  const [linear, norm] = [child("fc"), child("features")];
  const outputs = Array.from({ length: PASSES + 1 }, () => new Float32Array(set.count * embedding));
  for await (const { images, labels, first } of evaluationBatches({ set, batch: 256 })) {
    const results = engine.scope(() =>
      noGrad(() => {
        const x = constant(engine.tensor(images, [labels.length, set.channels, set.height, set.width]));
        const { bn2, fc } = backbone.forwardStages(x, evaluating); // [B, …], [B, E]
        const flat = reshape(bn2, [labels.length, -1]);
        const passes = Array.from({ length: PASSES }, (_, pass) => {
          const kept = dropout(flat, RATE, stream("stochastic pass", pass, first).key());
          return norm.forward(linear.forward(kept, evaluating), evaluating).tensor;
        });
        return [fc.tensor, ...passes];
      }),
    );
    for (const [k, tensor] of results.entries()) {
      outputs[k].set(await tensor.data(), first * embedding);
      tensor.dispose();
    }
  }
  return { before: outputs[0], passes: outputs.slice(1) };
}
