/** Fixtures `verification`: K-fold accuracy. It is computed in float64 on the host, whatever engine made the embeddings. */
import { verification } from "../../../src/evaluation/verification.js";
import { Informative } from "../compare.js";
import { isRecord, Unsupported } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

function kFold({ params, inputs, expected }: Fixture): Plan {
  const folds = params.number("folds");
  params.oneOf("thresholds", ["0,0.01,...,3.99 on squared L2 distance"]);
  params.oneOf("match", ["distance < threshold"]);
  const embeddings = inputs.tensor("embeddings");
  const same = Uint8Array.from(inputs.numbers("issame"));
  const [rows, embedding] = embeddings.shape;
  if (rows !== 2 * same.length) throw new Unsupported("inputs.issame is not one entry a pair of embeddings");
  const pairs = {
    first: Int32Array.from(same, (_, i) => 2 * i),
    second: Int32Array.from(same, (_, i) => 2 * i + 1),
    same,
  };
  return {
    run() {
      const result = verification({ embeddings: Float64Array.from(embeddings.data), embedding, pairs, folds });
      const at = (key: string, rates: Float64Array): Record<string, number> => {
        const recorded = expected.outputs[key];
        const thresholds = isRecord(recorded) ? Object.keys(recorded) : [];
        return Object.fromEntries(thresholds.map((text) => [text, rates[Math.round(Number(text) * 100)]]));
      };
      return {
        outputs: {
          accuracy_per_fold: {
            shape: [folds],
            data: Float64Array.from(result.folds, ({ accuracy }) => accuracy),
          },
          accuracy_mean: result.accuracy,
          accuracy_std: result.deviation,
          tpr_mean_at: at("tpr_mean_at", result.trueAccept),
          fpr_mean_at: at("fpr_mean_at", result.falseAccept),
          val_error: new Informative("how the original stops on repeated rates is no required behaviour"),
        },
      };
    },
  };
}

export const verifications: Family = { verification_kfold: kFold };
