/** Modules recorded in training (batch statistics) and in evaluation, from the same state: results, gradients, running statistics. */
import { evaluating, training } from "../../src/nn/context.js";
import type { Module } from "../../src/nn/module.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { Result } from "./compare.js";
import { differentiateModule, read, type Derivatives } from "./differentiate.js";
import type { Fields, Values } from "./fields.js";
import type { Plan } from "./family.js";

/** The tensors called `state.<name>`. */
export function recordedState(inputs: Fields): Map<string, Values> {
  const keys = inputs.keys().filter((key) => key.startsWith("state."));
  return new Map(keys.map((key) => [key.slice("state.".length), inputs.tensor(key)]));
}

/** As every batch norm here has it. */
export function usualBatchNorm(params: Fields): void {
  params.oneOf("bn_eps", [1e-5]);
  params.oneOf("bn_momentum", [0.1]);
}

/** What a pass gave, and the running statistics that it left. */
export interface Pass extends Derivatives {
  readonly running_after: Record<string, Values>;
}

export interface Recorded {
  /** A module in the recorded state. */
  readonly place: (engine: Engine) => Promise<Module>;
  readonly x: Values;
  /** Weighs the output: gradients are of their product's sum. */
  readonly seed: Values;
  /** What was recorded of a pass, under the names of the recording. */
  readonly named: (pass: Pass) => Record<string, Result>;
}

/** `train` and `eval`, each from the recorded running statistics. */
export function inBothModes({ place, x, seed, named }: Recorded): Plan {
  return {
    async run(engine) {
      const outputs: Record<string, Result> = {};
      for (const [mode, context] of [["train", training(0)] as const, ["eval", evaluating] as const]) {
        const module = await place(engine);
        const derivatives = await differentiateModule(engine, module, x, { context, seed });
        const running_after: Record<string, Values> = {};
        for (const { name, tensor } of module.buffers()) running_after[name] = await read(tensor);
        module.dispose();
        outputs[mode] = named({ ...derivatives, running_after });
      }
      return { outputs };
    },
  };
}
