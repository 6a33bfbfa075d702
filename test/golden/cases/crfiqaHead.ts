/**
 * Fixtures `crfiqa-head` and `crfiqa-train`: margin softmax and regression of relative classifiability, on one batch and over some
 * updates.
 *
 * The kernel lies [D, C] there, a row a class here. Recorded with the exact derivative of ArcFace and without care beyond π. `raw_ratio` is the
 * public script's form, `paper` the paper's. Every case is repeated on the formula path and on the fused one.
 */
import { constant, matmul, normalizeRows, smoothL1, Variable } from "../../../src/autograd/index.js";
import { QualityNetwork } from "../../../src/crfiqa/qualityNetwork.js";
import { QualityObjective, type QualityObjectiveOptions } from "../../../src/crfiqa/qualityObjective.js";
import { clipGradientNorm } from "../../../src/nn/clipGradientNorm.js";
import { training } from "../../../src/nn/context.js";
import { BatchNorm1d, Linear, Sequential } from "../../../src/nn/layers/index.js";
import type { Module } from "../../../src/nn/module.js";
import { SGD } from "../../../src/nn/sgd.js";
import { gradientOf } from "../../../src/nn/updateRows.js";
import { arcFace } from "../../../src/pfc/margins/arcFace.js";
import type { Margin } from "../../../src/pfc/margins/margin.js";
import { PartialFC } from "../../../src/pfc/partialFC.js";
import { softmaxCrossEntropy } from "../../../src/pfc/softmaxCrossEntropy.js";
import type { Engine } from "../../../src/tensor/engine.js";
import type { Tensor } from "../../../src/tensor/tensor.js";
import { Blurred, type Result } from "../compare.js";
import { read, take, toTensor } from "../differentiate.js";
import { Unsupported, type Fields, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";
import { PATHS, type Path } from "./partialFC.js";

/** [D, C] → [C, D], or back. */
function transposed({ shape: [rows, columns], data }: Values): Values {
  const out = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j];
  return { shape: [columns, rows], data: out };
}

function readLabels(inputs: Fields): Int32Array {
  const { data } = inputs.tensor("labels");
  if (!data.every(Number.isInteger)) throw new Unsupported("inputs.labels are no whole numbers");
  return Int32Array.from(data);
}

function readObjective(params: Fields): QualityObjectiveOptions {
  params.oneOf("eps", [1e-9]);
  return { weight: params.number("lambda"), beta: params.number("beta") };
}

function readMargin(params: Fields): Margin {
  return arcFace({ scale: params.number("s"), margin: params.number("m"), beyondPi: "wrap" });
}

/** A head over the recorded kernel [D, C], all of whose classes take part. */
function recordedHead(engine: Engine, kernel: Values, margin: Margin, path: Path): PartialFC {
  const { shape, data } = transposed(kernel);
  const [classes, embedding] = shape;
  const head = new PartialFC(engine, {
    classes,
    embedding,
    ratio: 1,
    margin,
    path,
    bounded: false,
    update: "dense",
    seed: 0,
  });
  head.centers.store.load(0, data as Float64Array);
  return head;
}

/** The backbone with the recorded regression unit. */
async function withUnit(engine: Engine, backbone: Module, weight: Values, bias: Values): Promise<QualityNetwork> {
  const network = new QualityNetwork(backbone, weight.shape[1]).allocate(engine, 0);
  const state = new Map<string, Values>();
  for (const [name, tensor] of network.stateDictionary()) state.set(name, await read(tensor));
  network.loadStateDictionary(state.set("qs.weight", weight).set("qs.bias", bias));
  return network;
}

function unitGradients(network: QualityNetwork): Tensor[] {
  const gradient = (wanted: string): Tensor =>
    network
      .parameters()
      .find(({ name }) => name === wanted)!
      .variable.grad!.share();
  return [gradient("qs.weight"), gradient("qs.bias")];
}

/** Two units in the last place of a float32 cosine change 1/sin θ by this share: 2^-23 / sin²θ. Near θ = π that is much.  [N] → N */
function blurOf({ data }: Values): number[] {
  return Array.from(data, (cosine) => 2 ** -23 / (1 - cosine ** 2));
}

interface HeadCase {
  readonly embeddings: Values;
  readonly kernel: Values;
  readonly labels: Int32Array;
  readonly weight: Values;
  readonly bias: Values;
  readonly margin: Margin;
  readonly objective: QualityObjectiveOptions;
}

/** Everything that is recorded of one form of CR. */
async function repeatForm(
  engine: Engine,
  recorded: HeadCase,
  path: Path,
  form: "paper" | "raw",
): Promise<Record<string, Result>> {
  const { embeddings, kernel, labels, margin, objective } = recorded;
  const network = await withUnit(engine, new Sequential([]), recorded.weight, recorded.bias);
  const head = recordedHead(engine, kernel, margin, path);
  const found = engine.scope(() => {
    const leaf = new Variable(toTensor(engine, embeddings), true);
    const losses = new QualityObjective(network, head, { ...objective, form }).losses(leaf, labels, 0);
    losses.total.backward();
    const { total, margin: margins, regression, own, negative, target, quality } = losses;
    const gradients = [leaf.grad!.share(), engine.affine(gradientOf(head.centers.pending[0]), 1, 0)];
    const units = unitGradients(network);
    for (const { variable } of network.parameters()) variable.zeroGrad();
    const other = new Variable(leaf.tensor, true);
    smoothL1(network.quality(other), constant(target), objective.beta).backward(); // alone, unweighted
    const alone = other.grad!.share();
    leaf.zeroGrad();
    other.zeroGrad();
    return [total.tensor, margins, regression, own, negative, target, quality, ...gradients, ...units, alone];
  });
  const values = await Promise.all(found.map(take));
  const [total_loss, ce_loss, quality_loss, ccs, nnccs, cr, q, grad_embeddings, grad_centers] = values;
  const [grad_q_weight, grad_q_bias, grad_embeddings_quality_only_unscaled] = values.slice(9);
  network.dispose();
  head.dispose();
  const blur = engine.float === "float32" ? blurOf(ccs) : [0];
  return {
    ...{ total_loss, ce_loss, quality_loss, ccs, nnccs, cr, q, grad_q_weight, grad_q_bias },
    grad_embeddings: new Blurred(grad_embeddings, blur),
    grad_kernel: new Blurred(transposed(grad_centers), [Math.max(...blur)]),
    grad_embeddings_quality_only_unscaled,
  };
}

/** The logits, and the derivative of their mean cross-entropy. */
async function repeatLogits(engine: Engine, { embeddings, kernel, labels, margin }: HeadCase): Promise<Values[]> {
  const found = engine.scope(() => {
    const unit = normalizeRows(constant(toTensor(engine, embeddings)));
    const centers = normalizeRows(constant(toTensor(engine, transposed(kernel))));
    const logits = margin.logits(matmul(unit, centers, { transposeB: true }), labels).tensor;
    const leaf = new Variable(logits, true);
    softmaxCrossEntropy(leaf, labels).backward();
    const gradient = leaf.grad!.share();
    leaf.zeroGrad();
    return [logits, gradient];
  });
  return Promise.all(found.map(take));
}

function head({ params, inputs }: Fixture): Plan {
  params.oneOf("dtype", ["float64", "float32"]);
  const recorded: HeadCase = {
    embeddings: inputs.tensor("embeddings"),
    kernel: inputs.tensor("kernel"),
    labels: readLabels(inputs),
    weight: inputs.tensor("q_weight"),
    bias: inputs.tensor("q_bias"),
    margin: readMargin(params),
    objective: { ...readObjective(params), floor: params.number("nnccs_floor") },
  };
  return {
    ways: PATHS,
    async run(engine, way) {
      const [logits, grad_logits_of_ce] = await repeatLogits(engine, recorded);
      const { ccs, nnccs, ...paper } = await repeatForm(engine, recorded, way as Path, "paper");
      const raw_ratio = await repeatForm(engine, recorded, way as Path, "raw");
      return { outputs: { logits, ccs, nnccs, paper: { ...paper, grad_logits_of_ce }, raw_ratio } };
    },
  };
}

function train({ params, inputs }: Fixture): Plan {
  const margin = readMargin(params);
  const form = params.oneOf("cr", ["paper", "raw"]);
  const objective: QualityObjectiveOptions = { ...readObjective(params), form };
  const sgd = { momentum: params.number("momentum"), decay: params.number("weight_decay") };
  const norm = { epsilon: params.number("bn_eps"), momentum: params.number("bn_momentum") };
  const [rate, largestNorm, steps] = [params.number("lr"), params.number("clip_norm"), params.number("steps")];
  const [x, kernel, labels] = [inputs.tensor("x"), inputs.tensor("init.kernel"), readLabels(inputs)];
  const initial = (name: string): Values => inputs.tensor(`init.${name}`);
  const [fc, unit] = [
    { weight: initial("fc.weight"), bias: initial("fc.bias") },
    { weight: initial("q.weight"), bias: initial("q.bias") },
  ];
  const scale = { weight: initial("bn.weight"), bias: initial("bn.bias") };
  const [out, features] = fc.weight.shape;
  return {
    ways: PATHS,
    async run(engine, way) {
      const [layer, last] = [new Linear({ in: features, out }), new BatchNorm1d(out, norm)];
      const network = await withUnit(engine, new Sequential([layer, last]), unit.weight, unit.bias);
      engine.scope(() => {
        engine.assign(layer.weight.variable.tensor, toTensor(engine, fc.weight));
        engine.assign(layer.bias!.variable.tensor, toTensor(engine, fc.bias));
        engine.assign(last.weight.variable.tensor, toTensor(engine, scale.weight));
        engine.assign(last.bias.variable.tensor, toTensor(engine, scale.bias));
      });
      const centers = recordedHead(engine, kernel, margin, way as Path);
      const optimizers = [new SGD(network, sgd), new SGD(centers, sgd)];
      const trained = new QualityObjective(network, centers, objective);
      const rows: number[][] = [];
      for (let step = 0; step < steps; step++) {
        const found = engine.scope(() => {
          const embeddings = network.forward(constant(toTensor(engine, x)), training(step));
          const {
            total,
            margin: ce,
            regression,
            own,
            negative,
            target,
            quality,
          } = trained.losses(embeddings, labels, step);
          total.backward();
          const gradientNorm = clipGradientNorm(network.parameters(), largestNorm);
          const means = [own, negative, target, quality].map((values) => engine.reduce("mean", values, [0], false));
          return [ce, regression, total.tensor, gradientNorm, ...means];
        });
        rows.push((await Promise.all(found.map(take))).map(({ data }) => data[0]));
        engine.scope(() => optimizers.forEach((optimizer) => optimizer.step({ rate })));
        for (const optimizer of optimizers) optimizer.zeroGrad();
      }
      const state = network.stateDictionary();
      const now = async (name: string): Promise<Values> => read(state.get(name)!);
      const table = {
        shape: [centers.centers.rows, out],
        data: await centers.centers.store.read(0, centers.centers.rows),
      };
      const final = {
        "fc.weight": await now("0.weight"),
        "bn.weight": await now("1.weight"),
        "bn.running_mean": await now("1.running_mean"),
        "bn.running_var": await now("1.running_var"),
        "q.weight": await now("qs.weight"),
        "q.bias": await now("qs.bias"),
        kernel: transposed(table),
      };
      for (const held of [...optimizers, network, centers]) held.dispose();
      const column = (k: number): Values => ({ shape: [steps], data: Float64Array.from(rows, (row) => row[k]) });
      const names = ["ce", "quality", "total", "grad_norm_before_clip", "mean_ccs", "mean_nnccs", "mean_cr", "mean_q"];
      const trajectory = Object.fromEntries(names.map((name, k) => [name, column(k)]));
      return { outputs: { trajectory, final } };
    },
  };
}

export const crfiqaHeads: Family = { "crfiqa-head": head, "crfiqa-train": train };
