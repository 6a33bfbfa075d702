/**
 * Fixtures `eval-revisitop`, `eval-ap-primitive`, `eval-gld-map`, `eval-recall-at-k`, `cfcd-multiscale` and `eval-cirtorch-gem-l2n`: the protocols
 * of image retrieval, descriptors of several sizes, and GeM with its normalisation. All but GeM in float64 on the host.
 *
 * Rates and similarities were recorded with nine significant digits, and some fixtures allow less than that rounding (1e-12): the protocols'
 * numbers are rounded likewise before they are compared, similarities and shares alike.
 */
import { averageDescriptors, l2n } from "../../../src/evaluation/averageDescriptors.js";
import { globalAveragePrecision } from "../../../src/evaluation/landmarks/globalAveragePrecision.js";
import { landmarkRetrieval } from "../../../src/evaluation/landmarks/landmarkRetrieval.js";
import { nearestInGallery } from "../../../src/evaluation/nearestInGallery.js";
import { recallAtK } from "../../../src/evaluation/recall.js";
import { evaluateRevisited } from "../../../src/evaluation/revisited/evaluateRevisited.js";
import { averagePrecisionAt } from "../../../src/evaluation/revisited/precisionForms.js";
import type { ProtocolScores } from "../../../src/evaluation/revisited/protocolScores.js";
import { scoreRankings } from "../../../src/evaluation/revisited/scoreRankings.js";
import { GeM } from "../../../src/nn/layers/index.js";
import type { Result } from "../compare.js";
import { differentiateModule } from "../differentiate.js";
import { toValues, Unsupported, type Fields, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

/** As it was recorded. */
const nineDigits = (value: number): number => Number(value.toPrecision(9));
const list = (values: ArrayLike<number>): Values => ({
  shape: [values.length],
  data: Float64Array.from(values, nineDigits),
});
/** A number is recorded as a list of one. */
const one = (value: number): Values => list([value]);
const rowsOf = (inputs: Fields, key: string): Float64Array => Float64Array.from(inputs.tensor(key).data);

function revisited({ params, inputs }: Fixture): Plan {
  const [images, embedding] = inputs.tensor("database").shape;
  const [database, queries] = [rowsOf(inputs, "database"), rowsOf(inputs, "queries")];
  const count = queries.length / embedding;
  const groundTruth = inputs.list("gnd").map((lists, query) => {
    const fields = inputs.within(`gnd[${query}]`, lists);
    return { easy: fields.numbers("easy"), hard: fields.numbers("hard"), junk: fields.numbers("junk") };
  });
  const kappas = params.numbers("kappas");
  const table = ({ map, averagePrecisions, meanPrecisionAt, precisionAt }: ProtocolScores): Result => ({
    ...{ map: one(map), aps: list(averagePrecisions), mean_precision_at: list(meanPrecisionAt) },
    precision_at: { shape: [count, kappas.length], data: precisionAt.map(nineDigits) },
  });
  /** Recorded with a column for each query. */
  const inColumns = (rows: readonly (readonly number[])[], type: typeof Int32Array | typeof Float64Array): Values => ({
    shape: [images, count],
    data: type.from(Array.from({ length: images * count }, (_, i) => rows[i % count][Math.floor(i / count)])),
  });
  return {
    ways: ["from descriptors", "from rankings"],
    async run(_, way) {
      const ranked = await nearestInGallery({
        queries,
        gallery: database,
        embedding,
        by: "product",
        neighbours: images,
      });
      const rankings = ranked.map((row) => row.map(({ index }) => index));
      const similarity = ranked.map((row) =>
        [...row].sort((a, b) => a.index - b.index).map(({ score }) => nineDigits(score)),
      );
      const scores =
        way === "from rankings"
          ? scoreRankings({ rankings, groundTruth, images, kappas })
          : await evaluateRevisited({ queries, database, embedding, groundTruth, kappas });
      return {
        outputs: {
          ...{ ranks: inColumns(rankings, Int32Array), similarity: inColumns(similarity, Float64Array) },
          ...{ easy: table(scores.easy), medium: table(scores.medium), hard: table(scores.hard) },
        },
      };
    },
  };
}

function precision({ inputs }: Fixture): Plan {
  const cases = inputs.list("cases").map((recorded, i) => {
    const fields = inputs.within(`cases[${i}]`, recorded);
    return { positions: fields.numbers("ranks"), positives: fields.number("n_positives") };
  });
  return {
    run: () => ({
      outputs: { ap: list(cases.map(({ positions, positives }) => averagePrecisionAt(positions, positives))) },
    }),
  };
}

/** Lists of numbers, by query. */
function listsIn(inputs: Fields, key: string): Map<string, number[]> {
  return new Map([...inputs.fields(key).tensors()].map(([query, { data }]) => [query, Array.from(data)]));
}

function landmarks({ params, inputs }: Fixture): Plan {
  const limit = params.number("max_predictions");
  const setsIn = (key: string): Map<string, Set<number>> =>
    new Map([...listsIn(inputs, key)].map(([query, images]) => [query, new Set(images)]));
  const retrieval = { predictions: listsIn(inputs, "predictions"), solution: setsIn("solution"), limit };
  const recognised = inputs.fields("recognition_predictions");
  const predictions = new Map(
    recognised.keys().map((query) => {
      const fields = recognised.fields(query);
      return [query, { landmark: fields.number("class"), confidence: fields.number("score") }];
    }),
  );
  const recognition = { predictions, solution: setsIn("recognition_solution") };
  return {
    run() {
      const { map, meanPrecisionAt, meanPosition, medianPosition } = landmarkRetrieval(retrieval);
      return {
        outputs: {
          ...{ map: one(map), mean_precisions: list(meanPrecisionAt) },
          mean_median_position: list([meanPosition, medianPosition]),
          gap: one(globalAveragePrecision(recognition)),
          gap_ignoring_non_gt: one(globalAveragePrecision({ ...recognition, withoutLandmark: "leftOut" })),
        },
      };
    },
  };
}

function recall({ params, inputs, expected }: Fixture): Plan {
  const embedding = inputs.tensor("features").shape[1];
  const features = rowsOf(inputs, "features");
  const labels = inputs.numbers("labels");
  const count = params.number("query_count");
  const all = { embeddings: features, labels };
  const asking = { embeddings: features.subarray(0, count * embedding), labels: labels.slice(0, count) };
  const gallery = { embeddings: features.subarray(count * embedding), labels: labels.slice(count) };
  /** The Ks stand among the outputs. */
  const ksOf = (part: string): number[] => {
    const { k } = expected.outputs[part] as { k: unknown };
    return Array.from(toValues(k, `outputs.${part}.k`).data);
  };
  const [alone, apart] = [ksOf("self_retrieval"), ksOf("query_gallery")];
  return {
    async run() {
      const common = { embedding, unanswerable: "missed" } as const;
      const [self, others] = [
        await recallAtK({ ...common, ...all, ks: alone, exclude: "nearest" }),
        await recallAtK({ ...common, ...asking, gallery, ks: apart, ties: "favourable" }),
      ].map(({ recall: rates }) => ({
        k: list(rates.map(({ k }) => k)),
        recall: list(rates.map((rate) => rate.recall)),
      }));
      return { outputs: { self_retrieval: self, query_gallery: others } };
    },
  };
}

function severalSizes({ inputs }: Fixture): Plan {
  const { shape } = inputs.tensor("per_scale");
  const descriptors = rowsOf(inputs, "per_scale");
  const embedding = shape[1];
  const perScale = Array.from({ length: shape[0] }, (_, s) => descriptors.subarray(s * embedding, (s + 1) * embedding));
  return {
    run: () => ({ outputs: { descriptor: { shape: [1, embedding], data: averageDescriptors(perScale, embedding) } } }),
  };
}

function pooled({ params, inputs }: Fixture): Plan {
  const [x, v] = [inputs.tensor("x"), inputs.tensor("v")];
  if (v.shape.length !== 2) throw new Unsupported("inputs.v is no table of vectors");
  const epsilon = params.number("eps");
  const options = { power: params.number("p"), epsilon };
  return {
    async run(engine) {
      const module = new GeM(options).allocate(engine, 0);
      const [count, channels] = x.shape;
      const seed = { shape: [count, channels], data: new Float64Array(count * channels).fill(1) };
      const { y } = await differentiateModule(engine, module, x, { seed });
      module.dispose();
      const rows = l2n(Float64Array.from(v.data), v.shape[1], epsilon);
      return { outputs: { gem: y, l2n: { shape: v.shape, data: rows } } };
    },
  };
}

export const imageRetrieval: Family = {
  "eval-revisitop": revisited,
  "eval-ap-primitive": precision,
  "eval-gld-map": landmarks,
  "eval-recall-at-k": recall,
  "cfcd-multiscale": severalSizes,
  "eval-cirtorch-gem-l2n": pooled,
};
