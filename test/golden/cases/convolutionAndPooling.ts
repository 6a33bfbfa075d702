/** Fixtures `nn-conv-pool`: the layers of `src/nn` with the recorded weights. */
import {
  AveragePool2d,
  Conv2d,
  GeM,
  GlobalAveragePool,
  GlobalMaxPool,
  MaxPool2d,
} from "../../../src/nn/layers/index.js";
import type { Module } from "../../../src/nn/module.js";
import { differentiateModule, recordedModule } from "../differentiate.js";
import type { Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

/** One module on input `x`, weighed by `grad_out`: output `y`, and gradients by name. */
export function modulePlan({ inputs }: Fixture, make: () => Module, recorded: ReadonlyMap<string, Values>): Plan {
  const x = inputs.tensor("x");
  const seed = inputs.optionalTensor("grad_out");
  const place = recordedModule(make, recorded);
  return {
    async run(engine) {
      const module = await place(engine);
      const { y, grads } = await differentiateModule(engine, module, x, { seed });
      module.dispose();
      return { outputs: { y }, grads };
    },
  };
}

const none = new Map<string, Values>();

function conv2d(fixture: Fixture): Plan {
  const { params, inputs } = fixture;
  const bias = params.boolean("bias");
  const options = {
    in: params.number("in"),
    out: params.number("out"),
    kernel: params.number("kernel"),
    stride: params.number("stride"),
    padding: params.number("padding"),
    dilation: params.number("dilation"),
    groups: params.number("groups"),
    bias,
  };
  const names = bias ? ["weight", "bias"] : ["weight"];
  const recorded = new Map(names.map((name) => [name, inputs.tensor(name)]));
  return modulePlan(fixture, () => new Conv2d(options), recorded);
}

function gemPool(fixture: Fixture): Plan {
  const epsilon = fixture.params.number("eps");
  const recorded = new Map([["p", fixture.inputs.tensor("p")]]);
  return modulePlan(fixture, () => new GeM({ learned: true, epsilon }), recorded);
}

export const convolutionAndPooling: Family = {
  conv2d,
  maxpool3s2p1: (fixture) => modulePlan(fixture, () => new MaxPool2d({ kernel: 3, stride: 2, padding: 1 }), none),
  avgpool2: (fixture) => modulePlan(fixture, () => new AveragePool2d({ kernel: 2, stride: 2 }), none),
  gap: (fixture) => modulePlan(fixture, () => new GlobalAveragePool(), none),
  gmp: (fixture) => modulePlan(fixture, () => new GlobalMaxPool(), none),
  gem_pool: gemPool,
};
