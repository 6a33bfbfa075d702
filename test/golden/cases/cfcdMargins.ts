/**
 * Fixtures `cfcd-madacos`, `cfcd-madacos-train` and `cfcd-curricular`: margins that set themselves, on one batch, over some updates of the
 * class centers, and the margin they were compared with.
 *
 * A batch is given by its cosines. Trajectories are repeated on the formula path and on the fused one.
 */
import { constant, matmul, noGrad, normalizeRows, Variable } from "../../../src/autograd/index.js";
import { curricular } from "../../../src/cfcd/curricular.js";
import { lowerMedian } from "../../../src/cfcd/lowerMedian.js";
import { logBOf, madaCos, type MadaCosOptions } from "../../../src/cfcd/madaCos.js";
import { SGD } from "../../../src/nn/sgd.js";
import { gradientOf } from "../../../src/nn/updateRows.js";
import type { Margin } from "../../../src/pfc/margins/margin.js";
import {
  logOthers,
  marginLogitsOf,
  suppliedLogits,
  type MarginSupplier,
} from "../../../src/pfc/margins/suppliedMargin.js";
import { PartialFC } from "../../../src/pfc/partialFC.js";
import { softmaxCrossEntropy } from "../../../src/pfc/softmaxCrossEntropy.js";
import { alone } from "../../../src/ranks/alone.js";
import type { Engine } from "../../../src/tensor/engine.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";
import { Blurred } from "../compare.js";
import { take, toTensor } from "../differentiate.js";
import { Unsupported, type Fields, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";
import { PATHS, type Path } from "./partialFC.js";

function readLabels(inputs: Fields, name = "labels"): Int32Array {
  const { data } = inputs.tensor(name);
  if (!data.every(Number.isInteger)) throw new Unsupported(`inputs.${name} are no whole numbers`);
  return Int32Array.from(data);
}

const OTHERS = { default: "of-median", median: "median", mean: "mean" } as const;

function batch({ params, inputs }: Fixture): Plan {
  params.oneOf("stage", ["early", "mid", "late", "verylate", "hard"]);
  const [cosine, labels] = [inputs.tensor("cos"), readLabels(inputs)];
  const others = OTHERS[params.oneOf("method_B", ["default", "median", "mean"])];
  const options: MadaCosOptions = {
    alpha: params.number("alpha"),
    kappa: params.number("constant"),
    minScale: params.number("min_scale"),
    others,
  };
  const trains = params.boolean("training");
  return {
    async run(engine) {
      const found = engine.scope(() => {
        const leaf = new Variable(toTensor(engine, cosine), true);
        const target = engine.pick(leaf.tensor, labels);
        const isMedian = lowerMedian(target);
        const supply = madaCos(options).supply(target, 1);
        const logs = logOthers(leaf.tensor, labels, supply.scale, alone);
        const marginOf = () => supply.margin(logs);
        const margin = trains ? marginOf() : noGrad(marginOf);
        const logits = suppliedLogits(leaf, labels, { scale: supply.scale, margin });
        const loss = softmaxCrossEntropy(logits, labels, alone, { bounded: false });
        loss.backward();
        const gradient = leaf.grad!.share();
        leaf.zeroGrad();
        const used = engine.unary("exp", logBOf(logs, others, isMedian));
        const each = engine.unary("exp", logs);
        return [supply.median, isMedian, supply.scale, each, used, margin, logits.tensor, loss.tensor, gradient];
      });
      const [median, isMedian, scale, B_per_sample, B_used, margin, logits, loss, grad_cos] = await Promise.all(
        found.map(take),
      );
      const median_index = { shape: [1], data: [isMedian.data.indexOf(1)] };
      return {
        outputs: {
          ...{ median: one(median), median_index, scale: one(scale), margin: one(margin), loss: one(loss) },
          ...{ B_per_sample, B_used: one(B_used), logits, grad_cos },
        },
      };
    },
  };
}

/** A number is recorded as a list of one. */
const one = ({ data }: Values): Values => ({ shape: [1], data: data.slice(0, 1) });

/** A head over recorded centers, all of which take part. */
function recordedHead(engine: Engine, centers: Values, margin: Margin | MarginSupplier, path: Path): PartialFC {
  const [classes, embedding] = centers.shape;
  const options = { classes, embedding, ratio: 1, margin, path, bounded: false, update: "dense", seed: 0 } as const;
  const head = new PartialFC(engine, options);
  head.centers.store.load(0, centers.data as Float64Array);
  return head;
}

interface Course {
  readonly trajectory: { readonly [name in "median" | "scale" | "margin" | "loss"]: Values };
  readonly weight_after: Values;
  readonly grad_features: Values;
  readonly grad_weight: Values;
}

interface Training {
  readonly features: Values;
  readonly labels: Int32Array;
  readonly margin: MarginSupplier;
  readonly steps: number;
  readonly rate: number;
  readonly sgd: { readonly momentum: number; readonly nesterov: boolean; readonly decay: number };
}

/** Updates of the centers by the same batch, numbers as they are before each update. */
async function follow(engine: Engine, weight: Values, training: Training, path: Path): Promise<Course> {
  const { features, labels, margin, steps, rate, sgd } = training;
  const head = recordedHead(engine, weight, margin, path);
  const optimizer = new SGD(head, sgd);
  const first: Values[] = [];
  const rows: number[][] = [];
  for (let step = 0; step < steps; step++) {
    const found = engine.scope(() => {
      const leaf = new Variable(toTensor(engine, features), true);
      const loss = head.loss(leaf, labels, step);
      const { median, scale, margin: m } = head.lastSupplied!;
      loss.backward();
      const gradient = leaf.grad!.share();
      leaf.zeroGrad();
      const gradients = step > 0 ? [] : [gradient, engine.affine(gradientOf(head.centers.pending[0]), 1, 0)];
      return [median, scale, m, loss.tensor, ...gradients];
    });
    const values = await Promise.all(found.map(take));
    rows.push(values.slice(0, 4).map(({ data }) => data[0]));
    first.push(...values.slice(4));
    engine.scope(() => optimizer.step({ rate }));
    optimizer.zeroGrad();
  }
  const weight_after = { shape: weight.shape, data: await head.centers.store.read(0, weight.shape[0]) };
  for (const held of [optimizer, head]) held.dispose();
  const column = (k: number): Values => ({ shape: [steps], data: Float64Array.from(rows, (row) => row[k]) });
  const [median, scale, m, loss] = [0, 1, 2, 3].map(column);
  const [grad_features, grad_weight] = first;
  return { trajectory: { median, scale, margin: m, loss }, weight_after, grad_features, grad_weight };
}

/**
 * What float32 may lose on the way: the scale near 80 makes the steps unstable, and what rounds away in one of them grows in the next. As much
 * as a unit in the last place of the initial centers does in float64, once for every step.
 */
async function blurOf(weight: Values, training: Training): Promise<(pick: (course: Course) => Values) => number> {
  const engine = new ReferenceEngine("float64");
  const unit = { ...weight, data: weight.data.map((value, i) => value * (1 + (i % 2 === 0 ? 1 : -1) * 2 ** -23)) };
  const [exact, moved] = [
    await follow(engine, weight, training, "formula"),
    await follow(engine, unit, training, "formula"),
  ];
  return (pick) => {
    const [a, b] = [pick(exact).data, pick(moved).data];
    const largest = Math.max(...Array.from(a, Math.abs));
    return (training.steps * Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])))) / largest;
  };
}

function train({ params, inputs }: Fixture): Plan {
  const training: Training = {
    features: inputs.tensor("features"),
    labels: readLabels(inputs),
    margin: madaCos({ alpha: params.number("alpha") }),
    steps: params.number("steps"),
    rate: params.number("lr"),
    sgd: {
      momentum: params.number("momentum"),
      nesterov: params.boolean("nesterov"),
      decay: params.number("weight_decay"),
    },
  };
  const weight = inputs.tensor("weight");
  return {
    ways: PATHS,
    atOnce: (way) => (way === "fused" ? "the supplied scale is read before the sweep" : undefined),
    async run(engine, way) {
      const { features, labels, margin } = training;
      const logits = engine.scope(() => {
        const [x, centers] = [features, weight].map((values) => constant(toTensor(engine, values)));
        return marginLogitsOf(margin, cosines(x, centers), labels, weight.shape[0], alone).logits.tensor;
      });
      const { trajectory, weight_after, grad_features, grad_weight } = await follow(
        engine,
        weight,
        training,
        way as Path,
      );
      const blur = engine.float === "float32" ? await blurOf(weight, training) : () => 0;
      const blurred = (name: keyof Course["trajectory"]): Blurred =>
        new Blurred(trajectory[name], [blur((course) => course.trajectory[name])]);
      return {
        outputs: {
          ...{ logits: await take(logits), loss: one(trajectory.loss), grad_features, grad_weight },
          trajectory: {
            median: blurred("median"),
            scale: blurred("scale"),
            margin: blurred("margin"),
            loss: blurred("loss"),
          },
          weight_after: new Blurred(weight_after, [blur((course) => course.weight_after)]),
        },
      };
    },
  };
}

/** Two batches after each other, and one for evaluation. */
function curriculum({ params, inputs }: Fixture): Plan {
  const options = { scale: params.number("s"), margin: params.number("m"), average: params.number("ema") };
  const weight = inputs.tensor("weight");
  const batches = [1, 2].map((k) => ({ x: inputs.tensor(`features${k}`), labels: readLabels(inputs, `labels${k}`) }));
  return {
    async run(engine) {
      const margin = curricular(options);
      const { t } = margin.buffers!;
      t.allocate(engine);
      const steps: Record<string, Values>[] = [];
      for (const { x, labels } of batches) {
        const found = engine.scope(() => {
          const [features, centers] = [x, weight].map((values) => new Variable(toTensor(engine, values), true));
          const logits = margin.logits(cosines(features, centers), labels);
          const loss = softmaxCrossEntropy(logits, labels, alone, { bounded: false });
          loss.backward();
          const gradients = [features, centers].map(({ grad }) => grad!.share());
          for (const leaf of [features, centers]) leaf.zeroGrad();
          return [logits.tensor, loss.tensor, engine.affine(t.tensor, 1, 0), ...gradients];
        });
        const [logits, loss, t_after, grad_features, grad_weight] = await Promise.all(found.map(take));
        steps.push({ logits, loss: one(loss), t_after: one(t_after), grad_features, grad_weight });
      }
      const { x, labels } = batches[1];
      const evaluated = engine.scope(() =>
        noGrad(() =>
          margin.logits(
            cosines(...([x, weight].map((v) => constant(toTensor(engine, v))) as [Variable, Variable])),
            labels,
          ),
        ),
      );
      const eval_logits = await take(evaluated.tensor);
      t.dispose();
      const [step1, step2] = steps;
      return { outputs: { step1, step2, eval_logits } };
    },
  };
}

/** cos θ.  [N, E], [C, E] → [N, C] */
function cosines(features: Variable, centers: Variable): Variable {
  return matmul(normalizeRows(features), normalizeRows(centers), { transposeB: true });
}

export const cfcdMargins: Family = {
  "cfcd-madacos": batch,
  "cfcd-madacos-train": train,
  "cfcd-curricular": curriculum,
};
