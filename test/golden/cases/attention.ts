/**
 * Fixtures `nn-attention-vit`: attention as a layer, PyTorch's multi-head attention, a transformer block, and whole vision transformers of both
 * publications.
 */
import {
  affine,
  attention,
  constant,
  linear,
  matmul,
  noGrad,
  permute,
  reshape,
  slice,
  softmax,
  type Variable,
} from "../../../src/autograd/index.js";
import { evaluating, training } from "../../../src/nn/context.js";
import { Attention } from "../../../src/nn/layers/index.js";
import { TransformerBlock } from "../../../src/nn/transformerBlock.js";
import { VisionTransformer } from "../../../src/nn/visionTransformer.js";
import { apply, differentiate, differentiateModule, read, recordedModule, take, toTensor } from "../differentiate.js";
import { Unsupported, type Fields, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";
import { modulePlan } from "./convolutionAndPooling.js";

/** The tensors beside `x` and `grad_out`: parameters under their own names. */
function parametersOf(inputs: Fields): Map<string, Values> {
  const names = inputs.keys().filter((key) => key !== "x" && key !== "grad_out");
  return new Map(names.map((name) => [name, inputs.tensor(name)]));
}

/** softmax(q · kᵀ / √d), by other operations than `attention`.  qkv: [B, T, 3·D] → [B, heads, T, T] */
function probabilities(qkv: Variable, heads: number): Variable {
  const [batch, tokens, features] = qkv.shape;
  const size = features / (3 * heads);
  const part = (position: number): Variable => {
    const one = slice(qkv, 2, position * heads * size, (position + 1) * heads * size); // [B, T, D]
    const apart = permute(reshape(one, [batch, tokens, heads, size]), [0, 2, 1, 3]); // [B, heads, T, d]
    return reshape(apart, [batch * heads, tokens, size]);
  };
  const scores = affine(matmul(part(0), part(1), { transposeB: true }), 1 / Math.sqrt(size), 0);
  return reshape(softmax(scores), [batch, heads, tokens, tokens]);
}

function multiheadAttention({ params, inputs }: Fixture): Plan {
  const x = inputs.tensor("x");
  const heads = params.number("heads");
  const seed = inputs.tensor("grad_out");
  const recorded = { x, ...Object.fromEntries(parametersOf(inputs)) } as Record<string, Values>;
  params.oneOf("embed_dim", [x.shape[2]]);
  params.oneOf("batch_first", [true]);
  params.oneOf("bias", [true]);
  const project = (leaves: Readonly<Record<string, Variable>>): Variable =>
    linear(leaves.x, leaves.in_proj_weight, leaves.in_proj_bias); // [B, T, 3·D]
  return {
    async run(engine) {
      const forward = (leaves: Readonly<Record<string, Variable>>): Variable =>
        linear(attention(project(leaves), heads), leaves["out_proj.weight"], leaves["out_proj.bias"]);
      const { y, grads } = await differentiate(engine, recorded, forward, seed);
      const attn = engine.scope(() => {
        const leaves = Object.entries(recorded).map(([name, values]) => [name, constant(toTensor(engine, values))]);
        return noGrad(() => probabilities(project(Object.fromEntries(leaves) as Record<string, Variable>), heads))
          .tensor;
      });
      return { outputs: { y, attn: await take(attn) }, grads };
    },
  };
}

function vitAttention(fixture: Fixture): Plan {
  const { params, inputs } = fixture;
  const options = { width: params.number("dim"), heads: params.number("heads") };
  params.oneOf("qkv_bias", [false]);
  return modulePlan(fixture, () => new Attention(options), parametersOf(inputs));
}

function vitBlock(fixture: Fixture): Plan {
  const { params, inputs } = fixture;
  const options = { width: params.number("dim"), heads: params.number("heads"), mlpRatio: params.number("mlp_ratio") };
  params.oneOf("act", ["relu6"]);
  return modulePlan(fixture, () => new TransformerBlock({ ...options, dropPath: 0 }), parametersOf(inputs));
}

function visionTransformer({ params, inputs }: Fixture): Plan {
  const x = inputs.tensor("x");
  const seed = inputs.tensor("grad_out");
  const recorded = inputs.fields("params").tensors();
  if (params.has("note")) params.text("note"); // a remark
  const specification = {
    channels: x.shape[1],
    side: params.number("img"),
    patch: params.number("patch"),
    width: params.number("dim"),
    depth: params.number("depth"),
    heads: params.number("heads"),
    mlpRatio: params.number("mlp_ratio"),
    embedding: params.number("out"),
    dropPath: 0,
    maskRate: 0,
    maskToken: recorded.has("mask_token"),
  };
  if (x.shape[2] !== specification.side) throw new Unsupported(`images of side ${x.shape[2]} for params.img`);
  const place = recordedModule(() => new VisionTransformer(specification), recorded);
  return {
    async run(engine) {
      const network = await place(engine);
      const { y, grads } = await differentiateModule(engine, network, x, { context: training(0), seed });
      const buffers_after: Record<string, Values> = {};
      for (const { name, tensor } of network.buffers()) buffers_after[name] = await read(tensor);
      const y_eval_after = await apply(engine, network, x, evaluating);
      network.dispose();
      return { outputs: { y_train: y, y_eval_after, buffers_after }, grads };
    },
  };
}

export const attentions: Family = {
  multihead_attention: multiheadAttention,
  vit_attention: vitAttention,
  vit_block: vitBlock,
  vit: visionTransformer,
};
