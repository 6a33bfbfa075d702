/** Fixtures `cross-entropy`: the softmax over shards (one rank), and the ordinary one with its options. */
import { crossEntropy } from "../../../src/autograd/index.js";
import { softmaxCrossEntropy } from "../../../src/pfc/softmaxCrossEntropy.js";
import { differentiate } from "../differentiate.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

function overShards({ params, inputs }: Fixture): Plan {
  params.oneOf("world_size", [1]);
  const seed = { shape: [], data: Float64Array.of(params.number("upstream", 1)) };
  const logits = inputs.tensor("logits");
  const labels = inputs.integers("labels");
  return {
    async run(engine) {
      const forward = softmaxCrossEntropy;
      const { y, grads } = await differentiate(engine, { logits }, (leaves) => forward(leaves.logits, labels), seed);
      return { outputs: { loss: y }, grads };
    },
  };
}

function ordinary({ params, inputs }: Fixture): Plan {
  const logits = inputs.tensor("logits");
  const labels = inputs.integers("labels");
  const options = {
    reduction: params.oneOf("reduction", ["mean", "sum"], "mean"),
    smoothing: params.number("label_smoothing", 0),
    ignoreIndex: params.has("ignore_index") ? params.number("ignore_index") : undefined,
    weight: params.has("weight") ? params.numbers("weight") : undefined,
  };
  return {
    async run(engine) {
      const { y, grads } = await differentiate(engine, { logits }, (leaves) =>
        crossEntropy(leaves.logits, labels, options),
      );
      return { outputs: { loss: y }, grads };
    },
  };
}

export const crossEntropies: Family = { dist_cross_entropy: overShards, cross_entropy: ordinary };
