/** Fixtures `optimizers`: a parameter that is fed recorded gradients, and clipping to a global norm. */
import { parameter, type Variable } from "../../../src/autograd/index.js";
import { Adam, AdamW, type AdamOptions } from "../../../src/nn/adam.js";
import { clipGradientNorm } from "../../../src/nn/clipGradientNorm.js";
import type { Optimizer } from "../../../src/nn/optimizer.js";
import { SGD } from "../../../src/nn/sgd.js";
import type { Trainable } from "../../../src/nn/trainable.js";
import type { Tensor } from "../../../src/tensor/tensor.js";
import { read, take, toTensor } from "../differentiate.js";
import { Unsupported, type Fields, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

/** The recorded optimizer, for whatever it shall train. */
export interface OptimizerRecipe {
  readonly rate: number;
  readonly make: (of: Trainable | readonly Trainable[]) => Optimizer;
  /** What the fixtures call the state, and what it is called here. */
  readonly state: Readonly<Record<string, string>>;
}

/** `type` and its settings. `tableStep`: the optimizer of public version 1 counts its steps from 2. */
export function recordedOptimizer(
  params: Fields,
  tableStep: AdamOptions["biasCorrection"] = "corrected",
): OptimizerRecipe {
  const type = params.oneOf("type", ["sgd", "adam", "adamw"]);
  const rate = params.number("lr");
  if (type === "sgd") {
    const decay = params.number("weight_decay", 0);
    const options = { decay, momentum: params.number("momentum", 0), nesterov: params.boolean("nesterov", false) };
    return { rate, make: (of) => new SGD(of, options), state: { momentum_buffer: "velocity", momentum: "velocity" } };
  }
  const [beta1, beta2] = params.has("betas")
    ? params.numbers("betas")
    : [params.number("beta1"), params.number("beta2")];
  const decay = params.number("weight_decay");
  const options = { decay, beta1, beta2, epsilon: params.number("eps"), biasCorrection: tableStep };
  return {
    rate,
    make: (of) => (type === "adam" ? new Adam(of, options) : new AdamW(of, options)),
    state: { exp_avg: "first", exp_avg_sq: "second" },
  };
}

function optimizer({ params, inputs }: Fixture): Plan {
  const { rate, make, state } = recordedOptimizer(params);
  const w0 = inputs.tensor("w0");
  const recorded = inputs.tensor("grads"); // [steps, ...]
  const steps = recorded.shape[0];
  const size = w0.data.length;
  if (recorded.data.length !== steps * size) throw new Unsupported("inputs.grads is not one gradient a step");
  return {
    async run(engine) {
      const w = parameter(toTensor(engine, w0));
      const trained = make({
        parameters: () => [{ name: "w", shape: w0.shape, variable: w, trainable: true, decay: true }],
      });
      const after = new Float64Array(steps * size);
      for (let step = 0; step < steps; step++) {
        const data = recorded.data.subarray(step * size, (step + 1) * size);
        w.grad = engine.keep(engine.tensor(data, w0.shape));
        engine.scope(() => trained.step({ rate }));
        trained.zeroGrad();
        after.set(await w.data(), step * size);
      }
      const { tensors } = trained.state();
      const final: Record<string, Values> = {};
      for (const [theirs, ours] of Object.entries(state)) {
        const tensor = tensors.get(`w.${ours}`);
        if (tensor) final[theirs] = await read(tensor);
      }
      trained.dispose();
      w.tensor.dispose();
      return {
        outputs: { w_after_each_step: { shape: [steps, ...w0.shape], data: after }, final_state: final },
      };
    },
  };
}

function clip({ params, inputs }: Fixture): Plan {
  const maximum = params.number("max_norm");
  const recorded = inputs.tensors();
  return {
    async run(engine) {
      const variables = new Map<string, Variable>();
      for (const [name, values] of recorded) {
        const variable = parameter(engine.full(values.shape, 0));
        variable.grad = engine.keep(toTensor(engine, values));
        variables.set(name, variable);
      }
      const norm: Tensor = clipGradientNorm(
        [...variables.values()].map((variable) => ({ variable })),
        maximum,
      );
      const clipped: Record<string, Values> = {};
      for (const [name, variable] of variables) {
        clipped[name] = await read(variable.grad!);
        variable.zeroGrad();
        variable.tensor.dispose();
      }
      return { outputs: { total_norm: await take(norm), ...clipped } };
    },
  };
}

export const optimizers: Family = { optimizer, clip_grad_norm: clip };
