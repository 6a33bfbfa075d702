/**
 * Single operations of the other schema: smooth L1 and GeM pooling.
 *
 * Their files call the weights of the output `grad_y` and gradients `grad_x` or `grad_<name>`.
 */
import { slice, smoothL1, type Variable } from "../../../src/autograd/index.js";
import { GeM } from "../../../src/nn/layers/index.js";
import { differentiate, differentiateModule } from "../differentiate.js";
import { Unsupported } from "../fields.js";
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

export const otherSchema: Family = { "crfiqa-smoothl1": smooth, "cfcd-gem": gem };
