/** Fixtures `nn-activations`: activations, linear layers, smooth L1, and dropout where it does nothing. */
import { geluTanh, logSoftmax, sigmoid, smoothL1, softmax, type Variable } from "../../../src/autograd/index.js";
import { Dropout, GELU, Linear, PReLU, ReLU, ReLU6 } from "../../../src/nn/layers/index.js";
import { differentiate, toTensor } from "../differentiate.js";
import { Unsupported } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";
import { modulePlan } from "./convolutionAndPooling.js";
import { constant } from "../../../src/autograd/variable.js";

/** A function of `x`, weighed by `grad_out`. */
function functionPlan({ inputs }: Fixture, forward: (x: Variable) => Variable): Plan {
  const x = inputs.tensor("x");
  const seed = inputs.optionalTensor("grad_out");
  return {
    async run(engine) {
      const { y, grads } = await differentiate(engine, { x }, (leaves) => forward(leaves.x), seed);
      return { outputs: { y }, grads };
    },
  };
}

function prelu(fixture: Fixture): Plan {
  const weight = fixture.inputs.tensor("weight");
  return modulePlan(fixture, () => new PReLU(weight.shape[0]), new Map([["weight", weight]]));
}

function sharedPrelu(fixture: Fixture): Plan {
  const weight = fixture.inputs.tensor("weight");
  if (weight.data.length !== 1) throw new Unsupported(`prelu_1 with ${weight.data.length} slopes`);
  return modulePlan(fixture, () => new PReLU(), new Map([["weight", weight]]));
}

function linear(fixture: Fixture, names: readonly string[]): Plan {
  const recorded = new Map(names.map((name) => [name, fixture.inputs.tensor(name)]));
  const [out, inputs] = recorded.get("weight")!.shape;
  return modulePlan(fixture, () => new Linear({ in: inputs, out, bias: recorded.has("bias") }), recorded);
}

function smooth({ params, inputs }: Fixture): Plan {
  const x = inputs.tensor("x");
  const target = inputs.tensor("target");
  const beta = params.number("beta");
  return {
    async run(engine) {
      const { y, grads } = await differentiate(engine, { x }, (leaves) =>
        smoothL1(leaves.x, constant(toTensor(engine, target)), beta),
      );
      return { outputs: { loss: y }, grads };
    },
  };
}

function dropout(fixture: Fixture): Plan {
  const rate = fixture.params.number("p");
  fixture.params.oneOf("training", [false]); // in training no two libraries draw the same elements
  return modulePlan(fixture, () => new Dropout(rate), new Map());
}

export const activations: Family = {
  prelu,
  prelu_1: sharedPrelu,
  relu: (fixture) => modulePlan(fixture, () => new ReLU(), new Map()),
  relu6: (fixture) => modulePlan(fixture, () => new ReLU6(), new Map()),
  gelu: (fixture) => modulePlan(fixture, () => new GELU(), new Map()),
  gelu_tanh: (fixture) => functionPlan(fixture, (x) => geluTanh(x)),
  sigmoid: (fixture) => functionPlan(fixture, (x) => sigmoid(x)),
  softmax: (fixture) => functionPlan(fixture, (x) => softmax(x)),
  log_softmax: (fixture) => functionPlan(fixture, (x) => logSoftmax(x)),
  linear: (fixture) => linear(fixture, ["weight", "bias"]),
  linear_nobias_3d: (fixture) => linear(fixture, ["weight"]),
  smooth_l1: smooth,
  dropout,
};
