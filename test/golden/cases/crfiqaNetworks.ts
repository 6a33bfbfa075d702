/**
 * Networks of CR-FIQA: the block of its IResNet, with and without squeeze and excitation, and a narrow whole network with the quality unit.
 *
 * Each is recorded in training (batch statistics) and in evaluation, from the same state: results, gradients, running statistics.
 */
import { concatenate, reshape, type Variable } from "../../../src/autograd/index.js";
import { QualityNetwork } from "../../../src/crfiqa/qualityNetwork.js";
import type { Context } from "../../../src/nn/context.js";
import { IrBlock } from "../../../src/nn/irBlock.js";
import { IResNet } from "../../../src/nn/iresnet.js";
import { Module } from "../../../src/nn/module.js";
import { inBothModes, recordedState, usualBatchNorm } from "../bothModes.js";
import { recordedModule } from "../differentiate.js";
import { Unsupported, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

function irBlock({ params, inputs }: Fixture): Plan {
  const shape = { in: params.number("in"), out: params.number("out"), stride: params.number("stride") };
  const squeeze = params.boolean("use_se")
    ? params.number("se_reduction")
    : (params.oneOf("se_reduction", [null]) ?? undefined);
  usualBatchNorm(params);
  return inBothModes({
    place: recordedModule(() => new IrBlock({ ...shape, squeeze }), recordedState(inputs)),
    x: inputs.tensor("x"),
    seed: inputs.tensor("grad_y"),
    named: ({ y, grads, running_after }) => ({ y, grad_x: grads.x, grads, running_after }),
  });
}

/** Embedding and score side by side, so that one backward pass serves both.  images: [B, C, H, W] → [B, E + 1] */
class EmbeddingAndQuality extends Module {
  constructor(private readonly network: QualityNetwork) {
    super();
  }

  override children(): readonly (readonly [string, Module])[] {
    return this.network.children();
  }

  forward(images: Variable, context: Context): Variable {
    const embeddings = this.network.forward(images, context); // [B, E]
    const quality = reshape(this.network.quality(embeddings), [-1, 1]); // [B, 1]
    return concatenate([embeddings, quality], 1);
  }
}

function qualityNetwork({ params, inputs }: Fixture): Plan {
  const [stem, ...widths] = params.numbers("widths");
  const side = params.number("input");
  const embedding = params.number("num_features");
  const [blocks, dropout] = [params.numbers("layers"), params.number("dropout")];
  const images = { channels: 3, side };
  const backbone = { ...images, stem, stemStride: 1, widths, blocks, embedding, dropout, trainedScale: true };
  params.oneOf("fc_scale", [Math.ceil(side / 2 ** widths.length) ** 2]); // positions that the stages leave
  usualBatchNorm(params);
  const make = (): Module => new EmbeddingAndQuality(new QualityNetwork(new IResNet(backbone), embedding));
  return inBothModes({
    place: recordedModule(make, recordedState(inputs)),
    x: inputs.tensor("x"),
    seed: sideBySide(inputs.tensor("grad_features"), inputs.tensor("grad_quality")),
    named: ({ y, grads, running_after }) => ({
      ...{ grads, running_after },
      features: columns(y, 0, embedding),
      quality: columns(y, embedding, embedding + 1),
      grad_x_image0_channel0: { shape: [side, side], data: grads.x.data.slice(0, side * side) },
    }),
  });
}

/** [B, M] and [B, N] → [B, M + N] */
function sideBySide(left: Values, right: Values): Values {
  const [rows, m] = left.shape;
  const [others, n] = right.shape;
  if (rows !== others) throw new Unsupported(`${rows} and ${others} rows stand side by side`);
  const data = new Float64Array(rows * (m + n));
  for (let row = 0; row < rows; row++) {
    data.set(left.data.subarray(row * m, (row + 1) * m), row * (m + n));
    data.set(right.data.subarray(row * n, (row + 1) * n), row * (m + n) + m);
  }
  return { shape: [rows, m + n], data };
}

/** Columns `from` … `to` − 1 of a matrix. */
function columns({ shape: [rows, width], data }: Values, from: number, to: number): Values {
  const kept = data.filter((_, position) => position % width >= from && position % width < to);
  return { shape: [rows, to - from], data: kept };
}

export const crfiqaNetworks: Family = { "crfiqa-irblock": irBlock, "crfiqa-iresnet": qualityNetwork };
