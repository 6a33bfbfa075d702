/** Fixtures `ijb-templates`: pooling of templates, their scores and the table of TAR at FAR; in float64 on the host. */
import { sumMirrored } from "../../../src/evaluation/normalizeRows.js";
import { templateVerification } from "../../../src/evaluation/templateVerification.js";
import { Unsupported, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

/** The halves of each row: the image's embedding, then its mirror's. [N, 2E] → two times [N, E] */
function halves({ shape: [, width], data }: Values): [Float64Array, Float64Array] {
  if (width % 2 !== 0) throw new Unsupported(`rows of ${width} numbers have no halves`);
  const all = Float64Array.from(data);
  return [all.filter((_, i) => i % width < width / 2), all.filter((_, i) => i % width >= width / 2)];
}

const list = (values: ArrayLike<number>): Values => ({ shape: [values.length], data: Float64Array.from(values) });

function templatePairs({ params, inputs }: Fixture): Plan {
  params.oneOf("flip", ["sum of the two halves"]);
  params.oneOf("norm_score", [true]); // the images' embeddings are not normalised one by one
  const weighted = params.boolean("detector_score");
  const features = inputs.tensor("features_orig_and_flip");
  const embedding = features.shape[1] / 2;
  const detectorScores = inputs.numbers("detector_score");
  const images = {
    embeddings: sumMirrored(...halves(features)),
    embedding,
    templates: inputs.integers("template_id"),
    media: inputs.integers("media_id"),
    weights: weighted ? detectorScores : undefined,
  };
  const pairs = {
    first: inputs.integers("pair1"),
    second: inputs.integers("pair2"),
    same: inputs.integers("pair_label"),
  };
  return {
    run() {
      const { templates, scores, curve, area, tar } = templateVerification({ ...images, pairs });
      const { ids, embeddings } = templates;
      return {
        outputs: {
          template_ids: { shape: [ids.length], data: ids },
          template_features: { shape: [ids.length, embedding], data: embeddings },
          scores: list(scores),
          auc: area,
          "tpr_at_fpr_1e-6_to_1e-1": list(tar.map((entry) => entry.tar)),
          fpr_points: list(curve.falseAccept),
          tpr_points: list(curve.trueAccept),
        },
      };
    },
  };
}

export const templates: Family = { ijb_template_verification: templatePairs };
