/** Fixtures `nn-norm`: batch norm with its running statistics, layer norm, rows of length one, and the clamp of cosines. */
import { clamp, normalizeRows } from "../../../src/autograd/index.js";
import { evaluating, training } from "../../../src/nn/context.js";
import { BatchNorm1d, BatchNorm2d, LayerNorm } from "../../../src/nn/layers/index.js";
import type { Engine } from "../../../src/tensor/engine.js";
import { differentiate, differentiateModule, read, recordedModule } from "../differentiate.js";
import { Either } from "../compare.js";
import { Fields, isRecord, isTensor, Unsupported, type Json, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";
import { modulePlan } from "./convolutionAndPooling.js";

const STATISTICS = ["running_mean", "running_var"];
const STATE = ["weight", "bias", ...STATISTICS];

/** A pass through a batch norm, in training or not. */
function readPass(params: Fields, inputs: Fields) {
  const x = inputs.tensor("x");
  const seed = inputs.tensor("grad_out");
  const context = params.boolean("training") ? training(0) : evaluating;
  const options = { epsilon: params.number("eps"), momentum: params.number("momentum") };
  const [, channels] = x.shape;
  const place = recordedModule(
    () => (x.shape.length === 4 ? new BatchNorm2d(channels, options) : new BatchNorm1d(channels, options)),
    new Map(STATE.map((name) => [name, inputs.tensor(name)])),
  );
  return {
    context,
    async run(engine: Engine) {
      const module = await place(engine);
      const { y, grads } = await differentiateModule(engine, module, x, { context, seed });
      const running_mean = await read(module.running_mean.tensor);
      const running_var = await read(module.running_var.tensor);
      module.dispose();
      return { outputs: { y, running_mean, running_var }, grads };
    },
  };
}

/**
 * The training pass that an evaluation pass continues: same weights, and the statistics that it left.
 *
 * Such evaluation passes were recorded on the module of the training pass, whose gradients had not been reset. PyTorch accumulates
 * gradients, so those of weight and bias are the sums over both passes.
 */
function continuedPass({ inputs, siblings }: Fixture): ReturnType<typeof readPass> | undefined {
  const equal = (a: Values, b: Json): boolean => isTensor(b) && a.data.join() === b.data.join();
  for (const sibling of siblings) {
    if (!isRecord(sibling) || sibling.op !== "batch_norm") continue;
    const { params, inputs: before, outputs: after } = sibling;
    if (!isRecord(params) || !isRecord(before) || !isRecord(after) || params.training !== true) continue;
    const sameWeights = ["weight", "bias"].every((name) => equal(inputs.tensor(name), before[name]));
    const itsStatistics = STATISTICS.every((name) => equal(inputs.tensor(name), after[name]));
    if (sameWeights && itsStatistics) return readPass(new Fields("params", params), new Fields("inputs", before));
  }
  return undefined;
}

function batchNorm(fixture: Fixture): Plan {
  const pass = readPass(fixture.params, fixture.inputs);
  const earlier = pass.context.training ? undefined : continuedPass(fixture);
  return {
    async run(engine) {
      const { outputs, grads } = await pass.run(engine);
      if (earlier === undefined) return { outputs, grads };
      const before = await earlier.run(engine);
      const accumulated = (name: string): Either =>
        new Either(grads[name], { shape: grads[name].shape, data: sum(grads[name].data, before.grads[name].data) });
      return { outputs, grads: { ...grads, weight: accumulated("weight"), bias: accumulated("bias") } };
    },
  };
}

function sum(a: Values["data"], b: Values["data"]): Float64Array {
  return Float64Array.from(a, (value, i) => value + b[i]);
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
