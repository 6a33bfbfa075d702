/** Fixtures `nn-face-blocks`: one block of IResNet and one of MobileFaceNet, in training and then in evaluation. */
import { evaluating, training } from "../../../src/nn/context.js";
import { IrBlock } from "../../../src/nn/irBlock.js";
import { DepthWiseUnit } from "../../../src/nn/mobileFaceNet.js";
import type { Module } from "../../../src/nn/module.js";
import { apply, differentiateModule, read, recordedModule } from "../differentiate.js";
import { Unsupported, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

/** A training pass from fresh running statistics, and an evaluation pass with those that it left. */
function blockPlan({ inputs }: Fixture, make: () => Module): Plan {
  const x = inputs.tensor("x");
  const seed = inputs.tensor("grad_out");
  const place = recordedModule(make, inputs.fields("params").tensors());
  return {
    async run(engine) {
      const block = await place(engine);
      const { y, grads } = await differentiateModule(engine, block, x, { context: training(0), seed });
      const running_after: Record<string, Values> = {};
      for (const { name, tensor } of block.buffers()) running_after[name] = await read(tensor);
      const y_eval_after = await apply(engine, block, x, evaluating);
      block.dispose();
      return { outputs: { y_train: y, running_after, y_eval_after }, grads };
    },
  };
}

function irBlock(fixture: Fixture): Plan {
  const { params } = fixture;
  const options = { in: params.number("in"), out: params.number("out"), stride: params.number("stride") };
  params.oneOf("eps", [1e-5]);
  const downsample = params.boolean("downsample");
  if (downsample !== (options.stride !== 1 || options.in !== options.out)) {
    throw new Unsupported("params.downsample: the shortcut is a convolution where the shape changes, and only there");
  }
  return blockPlan(fixture, () => new IrBlock(options));
}

function depthWise(fixture: Fixture): Plan {
  const { params } = fixture;
  const options = {
    in: params.number("in"),
    out: params.number("out"),
    expansion: params.number("groups"),
    residual: params.boolean("residual"),
    stride: params.number("stride"),
  };
  return blockPlan(fixture, () => new DepthWiseUnit(options));
}

export const faceBlocks: Family = { ir_basic_block: irBlock, mbf_depthwise: depthWise };
