/** Fixtures `eval-ijb-template`: templates pooled, and the quality of a pair of them; in float64 on the host. */
import { templatePairQuality } from "../../../src/evaluation/quality/templateQuality.js";
import { poolTemplates } from "../../../src/evaluation/templates.js";
import type { Family, Plan } from "../family.js";
import type { Values } from "../fields.js";
import type { Fixture } from "../fixture.js";

const list = (values: ArrayLike<number>): Values => ({ shape: [values.length], data: Float64Array.from(values) });

function templatePairs({ inputs }: Fixture): Plan {
  const features = inputs.tensor("features");
  const embedding = features.shape[1];
  const templates = inputs.numbers("template_ids");
  const media = inputs.numbers("media_ids");
  const quality = inputs.numbers("quality");
  const pairs = { first: inputs.numbers("pair_t1"), second: inputs.numbers("pair_t2") };
  return {
    run() {
      const pooled = poolTemplates({ embeddings: Float64Array.from(features.data), embedding, templates, media });
      return {
        outputs: {
          template_ids: Array.from(pooled.ids, (id) => ({ shape: [], data: Int32Array.of(id) })),
          template_features: { shape: [pooled.ids.length, embedding], data: pooled.embeddings },
          pair_quality_min: list(templatePairQuality(quality, templates, pairs, "minimum")),
          pair_quality_max: list(templatePairQuality(quality, templates, pairs, "maximum")),
        },
      };
    },
  };
}

export const templateQualities: Family = { "eval-ijb-template": templatePairs };
