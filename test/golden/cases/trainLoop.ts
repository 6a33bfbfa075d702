/**
 * Fixtures `train-loop`: linear → batch norm with fixed scale → Partial FC, trained for some steps as the public script does.
 *
 * Order of a step: forward, backward, clipping of the backbone alone, SGD on both groups, gradients to zero; the rate of the
 * schedule is that of the step's number. Repeated on both paths of the head.
 */
import { parameter } from "../../../src/autograd/index.js";
import { clipGradientNorm } from "../../../src/nn/clipGradientNorm.js";
import { training } from "../../../src/nn/context.js";
import { BatchNorm1d, Linear, Sequential } from "../../../src/nn/layers/index.js";
import { polynomial } from "../../../src/nn/schedules.js";
import { SGD } from "../../../src/nn/sgd.js";
import { PartialFC } from "../../../src/pfc/partialFC.js";
import { read, toTensor } from "../differentiate.js";
import { Unsupported, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";
import { publicMargin } from "./margins.js";
import { PATHS, recordedSampler, stepOf, type Path } from "./partialFC.js";

function trainLoop({ params, inputs }: Fixture): Plan {
  const scale = params.number("s");
  const [m1, m2, m3] = params.numbers("margin");
  const margin = publicMargin(scale, m1, m2, m3);
  const ratio = params.number("sample_rate");
  const rate = polynomial({
    rate: params.number("lr"),
    warmup: params.number("warmup_iters"),
    total: params.number("total_iters"),
    firstStepAtFullRate: true,
  });
  const sgd = { momentum: params.number("momentum"), decay: params.number("weight_decay") };
  const largestNorm = params.number("clip_backbone_norm");
  const norm = { epsilon: params.number("bn_eps"), momentum: params.number("bn_momentum"), frozenScale: true };
  const x = inputs.tensor("x"); // [steps, B, features]
  const labels = inputs.tensor("labels"); // [steps, B]
  const linear = inputs.tensor("linear_weight");
  const centers = inputs.tensor("class_weight");
  const scores = inputs.optionalTensor("class_scores"); // a row for each step that draws
  if (!(labels.data instanceof Int32Array)) throw new Unsupported("inputs.labels is not of dtype int");
  const steps = x.shape[0];
  const [out, features] = linear.shape;

  return {
    ways: PATHS,
    async run(engine, way) {
      let drawn = 0;
      const sampler = recordedSampler(() => scores && stepOf(scores, drawn++).data);
      const [layer, last] = [new Linear({ in: features, out, bias: false }), new BatchNorm1d(out, norm)];
      const backbone = new Sequential([layer, last]).allocate(engine, 0);
      const [classes, embedding] = centers.shape;
      const head = new PartialFC(engine, {
        ...{ classes, embedding, ratio, margin, sampler, seed: 0 },
        update: "dense",
        path: way as Path,
      });
      engine.scope(() => engine.assign(layer.weight.variable.tensor, toTensor(engine, linear)));
      head.centers.store.load(0, centers.data as Float64Array);
      const optimizer = new SGD([backbone, head], sgd);
      const [loss, lr, norms]: number[][] = [[], [], []];
      for (let step = 0; step < steps; step++) {
        const results = engine.scope(() => {
          const batch = parameter(toTensor(engine, stepOf(x, step)));
          const embeddings = backbone.forward(batch, training(step));
          const mean = head.loss(embeddings, stepOf(labels, step).data as Int32Array, step);
          mean.backward();
          const norm = clipGradientNorm(backbone.parameters(), largestNorm);
          optimizer.step(rate(step));
          optimizer.zeroGrad();
          batch.zeroGrad();
          batch.tensor.dispose();
          return { loss: mean.tensor, norm };
        });
        loss.push(await results.loss.item());
        norms.push(await results.norm.item());
        lr.push(rate(step).rate);
      }
      const outputs = {
        loss: list(loss),
        lr: list(lr),
        backbone_grad_norm_before_clip: list(norms),
        linear_weight: await read(layer.weight.variable.tensor),
        bn_bias: await read(last.bias.variable.tensor),
        bn_running_mean: await read(last.running_mean.tensor),
        bn_running_var: await read(last.running_var.tensor),
        class_weight: { shape: centers.shape, data: await head.centers.store.read(0, classes) },
      };
      optimizer.dispose();
      head.dispose();
      backbone.dispose();
      return { outputs };
    },
  };
}

function list(numbers: readonly number[]): Values {
  return { shape: [numbers.length], data: Float64Array.from(numbers) };
}

export const trainLoops: Family = { train_loop: trainLoop };
