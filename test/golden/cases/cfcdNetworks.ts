/**
 * Networks of CFCD: the bottleneck of its backbone, pooling, linear layer and batch norm that make the descriptor, and its learning rates.
 *
 * The recorded block calls its parts f.a, f.a_bn, f.b, … and the shortcut proj and bn.
 */
import { DescriptorNetwork } from "../../../src/cfcd/descriptorNetwork.js";
import { Bottleneck } from "../../../src/nn/bottleneck.js";
import { Sequential } from "../../../src/nn/layers/index.js";
import { epochCosine } from "../../../src/nn/schedules.js";
import { inBothModes, recordedState, usualBatchNorm } from "../bothModes.js";
import { recordedModule } from "../differentiate.js";
import type { Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

/** Recorded module → ours. */
const PARTS: readonly (readonly [recorded: string, ours: string])[] = [
  ["f.a", "conv1"],
  ["f.a_bn", "bn1"],
  ["f.b", "conv2"],
  ["f.b_bn", "bn2"],
  ["f.c", "conv3"],
  ["f.c_bn", "bn3"],
  ["proj", "downsample.0"],
  ["bn", "downsample.1"],
];

/** `f.a_bn.weight` → `bn1.weight`, or back; a name that belongs to no part stays. */
function renamed(name: string, direction: "toOurs" | "toRecorded"): string {
  const module = name.slice(0, name.lastIndexOf("."));
  const [from, to] = direction === "toOurs" ? [0, 1] : [1, 0];
  const part = PARTS.find((pair) => pair[from] === module);
  return part ? part[to] + name.slice(module.length) : name;
}

const asRecorded = (tensors: Readonly<Record<string, Values>>): Record<string, Values> =>
  Object.fromEntries(Object.entries(tensors).map(([name, values]) => [renamed(name, "toRecorded"), values]));

function bottleneck({ params, inputs }: Fixture): Plan {
  const shape = { in: params.number("in"), out: params.number("out"), stride: params.number("stride") };
  const inner = params.number("bottleneck");
  usualBatchNorm(params);
  const state = new Map([...recordedState(inputs)].map(([name, values]) => [renamed(name, "toOurs"), values]));
  return inBothModes({
    place: recordedModule(() => new Bottleneck({ ...shape, inner }), state),
    x: inputs.tensor("x"),
    seed: inputs.tensor("grad_y"),
    named: ({ y, grads, running_after }) => ({
      ...{ y, grad_x: grads.x },
      ...{ grads: asRecorded(grads), running_after: asRecorded(running_after) },
    }),
  });
}

/** The recorded map stands for the images of a backbone that does nothing. */
function head({ params, inputs }: Fixture): Plan {
  const names = ["fc.weight", "fc.bias", "bn.weight", "bn.bias"];
  const state = new Map(names.map((name) => [name, inputs.tensor(name.replace(".", "_"))]));
  for (const name of ["running_mean", "running_var"]) state.set(`bn.${name}`, inputs.tensor(name));
  const [embedding, mapChannels] = state.get("fc.weight")!.shape;
  const options = { mapChannels, embedding, power: params.number("p"), epsilon: params.number("eps") };
  params.oneOf("bn_eps", [1e-5]);
  return inBothModes({
    place: recordedModule(() => new DescriptorNetwork({ backbone: new Sequential([]), ...options }), state),
    x: inputs.tensor("x"),
    seed: inputs.tensor("grad_feature"),
    named: ({ y, grads }) => ({
      ...{ global_feature: y, deploy_feature: ofLengthOne(y), grad_x: grads.x },
      ...Object.fromEntries(names.map((name) => [`grad_${name.replace(".", "_")}`, grads[name]])),
    }),
  });
}

/** Row by row, by a plain loop. */
function ofLengthOne({ shape, data }: Values): Values {
  const width = shape[1];
  const lengthOf = (at: number): number => Math.hypot(...data.slice(at - (at % width), at - (at % width) + width));
  return { shape, data: data.map((value, at) => value / lengthOf(at)) };
}

function learningRates({ params, inputs }: Fixture): Plan {
  const epochs = inputs.tensor("epochs");
  params.oneOf("policy", ["cos"]);
  const stepsPerEpoch = 3;
  const schedule = epochCosine({
    rate: params.number("base_lr"),
    stepsPerEpoch,
    epochs: params.number("max_epoch"),
    warmupEpochs: params.number("warmup_epochs"),
    warmupFactor: params.number("warmup_factor"),
  });
  // recorded with nine digits, which may be off by more than the 1e-9 that the case allows
  const rateOf = (epoch: number): number => Number(schedule(epoch * stepsPerEpoch).rate.toPrecision(9));
  const lr = { shape: epochs.shape, data: Float64Array.from(epochs.data, rateOf) };
  return { run: () => ({ outputs: { lr } }) };
}

export const cfcdNetworks: Family = { "cfcd-bottleneck": bottleneck, "cfcd-head": head, "cfcd-lr": learningRates };
