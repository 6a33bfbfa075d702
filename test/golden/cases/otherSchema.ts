/**
 * Cases of the other schema whose parts exist already: smooth L1, GeM pooling and the block of IResNet (without squeeze and excitation).
 *
 * Their files call the weights of the output `grad_y`, gradients `grad_x` or `grads`, and parameters `state.<name>`.
 */
import { slice, smoothL1, type Variable } from "../../../src/autograd/index.js";
import { evaluating, training } from "../../../src/nn/context.js";
import { IrBlock } from "../../../src/nn/irBlock.js";
import { GeM } from "../../../src/nn/layers/index.js";
import type { Result } from "../compare.js";
import { differentiate, differentiateModule, read, recordedModule } from "../differentiate.js";
import { Unsupported, type Fields, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

function smooth({ params, inputs }: Fixture): Plan {
  const beta = params.number("beta");
  const recorded = { input: inputs.tensor("input"), target: inputs.tensor("target") };
  const [count, ...others] = recorded.input.shape;
  if (others.length > 0) throw new Unsupported("inputs.input is not a list");
  const at = (x: Variable, i: number): Variable => slice(x, 0, i, i + 1);
  return {
    async run(engine) {
      const { y, grads } = await differentiate(engine, recorded, ({ input, target }) => smoothL1(input, target, beta));
      // the mean over one element is the loss of that element
      const elementwise = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const one = await differentiate(engine, recorded, ({ input, target }) =>
          smoothL1(at(input, i), at(target, i), beta),
        );
        [elementwise[i]] = one.y.data;
      }
      return {
        outputs: {
          loss: y,
          elementwise: { shape: [count], data: elementwise },
          grad_input: grads.input,
          grad_target: grads.target,
        },
      };
    },
  };
}

function gem({ params, inputs }: Fixture): Plan {
  const x = inputs.tensor("x");
  const seed = inputs.tensor("grad_y");
  const learned = params.boolean("learnable_p");
  const options = { power: params.number("p"), epsilon: params.number("eps"), learned };
  return {
    async run(engine) {
      const module = new GeM(options).allocate(engine, 0);
      const { y, grads } = await differentiateModule(engine, module, x, { seed });
      module.dispose();
      return { outputs: { y, grad_x: grads.x, ...(learned ? { grad_p: grads.p } : {}) } };
    },
  };
}

/** The tensors called `state.<name>`. */
function recordedState(inputs: Fields): Map<string, Values> {
  const keys = inputs.keys().filter((key) => key.startsWith("state."));
  return new Map(keys.map((key) => [key.slice("state.".length), inputs.tensor(key)]));
}

function irBlock({ params, inputs }: Fixture): Plan {
  const options = { in: params.number("in"), out: params.number("out"), stride: params.number("stride") };
  params.oneOf("use_se", [false]);
  params.oneOf("se_reduction", [null]);
  params.oneOf("bn_eps", [1e-5]);
  params.oneOf("bn_momentum", [0.1]);
  const x = inputs.tensor("x");
  const seed = inputs.tensor("grad_y");
  const place = recordedModule(() => new IrBlock(options), recordedState(inputs));
  return {
    async run(engine) {
      const outputs: Record<string, Result> = {};
      for (const [mode, context] of [["train", training(0)] as const, ["eval", evaluating] as const]) {
        const block = await place(engine); // each mode starts from the recorded statistics
        const { y, grads } = await differentiateModule(engine, block, x, { context, seed });
        const { x: grad_x, ...others } = grads;
        const running_after: Record<string, Values> = {};
        for (const { name, tensor } of block.buffers()) running_after[name] = await read(tensor);
        block.dispose();
        outputs[mode] = { y, grad_x, grads: others, running_after };
      }
      return { outputs };
    },
  };
}

export const otherSchema: Family = { "crfiqa-smoothl1": smooth, "cfcd-gem": gem, "crfiqa-irblock": irBlock };
