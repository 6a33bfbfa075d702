/** Fixtures `nn-norm`: batch norm with its running statistics, layer norm, rows of length one, and the clamp of cosines. */
import { clamp, normalizeRows } from "../../../src/autograd/index.js";
import { evaluating, training } from "../../../src/nn/context.js";
import { BatchNorm1d, BatchNorm2d, LayerNorm } from "../../../src/nn/layers/index.js";
import { differentiate, differentiateModule, read, recordedModule } from "../differentiate.js";
import { Unsupported } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";
import { modulePlan } from "./convolutionAndPooling.js";

function batchNorm({ params, inputs }: Fixture): Plan {
  const x = inputs.tensor("x");
  const seed = inputs.tensor("grad_out");
  const context = params.boolean("training") ? training(0) : evaluating;
  const options = { epsilon: params.number("eps"), momentum: params.number("momentum") };
  const [, channels] = x.shape;
  const names = ["weight", "bias", "running_mean", "running_var"];
  const place = recordedModule(
    () => (x.shape.length === 4 ? new BatchNorm2d(channels, options) : new BatchNorm1d(channels, options)),
    new Map(names.map((name) => [name, inputs.tensor(name)])),
  );
  return {
    async run(engine) {
      const module = place(engine);
      const { y, grads } = await differentiateModule(engine, module, x, { context, seed });
      const running_mean = await read(module.running_mean.tensor);
      const running_var = await read(module.running_var.tensor);
      module.dispose();
      return { outputs: { y, running_mean, running_var }, grads };
    },
  };
}

function layerNorm(fixture: Fixture): Plan {
  const { params, inputs } = fixture;
  const epsilon = params.number("eps");
  const weight = inputs.tensor("weight");
  const recorded = new Map([
    ["weight", weight],
    ["bias", inputs.tensor("bias")],
  ]);
  return modulePlan(fixture, () => new LayerNorm(weight.shape[0], { epsilon }), recorded);
}

function normalize({ params, inputs }: Fixture): Plan {
  const x = inputs.tensor("x");
  const seed = inputs.tensor("grad_out");
  const epsilon = params.number("eps");
  params.oneOf("dim", [1]);
  if (x.shape.length !== 2) throw new Unsupported(`l2_normalize of a tensor of rank ${x.shape.length}`);
  return {
    async run(engine) {
      const { y, grads } = await differentiate(engine, { x }, (leaves) => normalizeRows(leaves.x, epsilon), seed);
      return { outputs: { y }, grads };
    },
  };
}

function clamping({ params, inputs }: Fixture): Plan {
  const x = inputs.tensor("x");
  const seed = inputs.optionalTensor("grad_out");
  const low = params.number("min");
  const high = params.number("max");
  return {
    async run(engine) {
      const { y, grads } = await differentiate(engine, { x }, (leaves) => clamp(leaves.x, low, high), seed);
      return { outputs: { y }, grads };
    },
  };
}

export const normalization: Family = {
  batch_norm: batchNorm,
  layer_norm: layerNorm,
  l2_normalize: normalize,
  clamp: clamping,
};
