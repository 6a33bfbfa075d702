/** Fixtures `margin-losses`: logits from clamped cosines, and their derivatives as the public code has them. */
import { arcFace } from "../../../src/pfc/margins/arcFace.js";
import { combinedMargin } from "../../../src/pfc/margins/combinedMargin.js";
import { cosFace } from "../../../src/pfc/margins/cosFace.js";
import { generalMargin } from "../../../src/pfc/margins/generalMargin.js";
import { interclassFilter } from "../../../src/pfc/margins/interclassFilter.js";
import type { Margin } from "../../../src/pfc/margins/margin.js";
import { differentiate } from "../differentiate.js";
import { Unsupported, type Fields } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

/** Whose code read the triple. */
type PublicReading = "insightface" | "unicom";

/** The recorded triple, as the public code reads it; `filter` is the threshold of the inter-class filter. */
export function recordedMargin(
  params: Fields,
  reading: PublicReading = "insightface",
): { readonly margin: Margin; readonly filter: number } {
  const [scale, m1, m2, m3, filter] = ["s", "m1", "m2", "m3", "filter"].map((name) => params.number(name));
  return { margin: publicMargin(scale, m1, m2, m3, reading), filter };
}

/** A triple that has a meaning in the public code. */
export function publicMargin(
  scale: number,
  m1: number,
  m2: number,
  m3: number,
  reading: PublicReading = "insightface",
): Margin {
  if (!(m3 > 0) && !(m1 === 1 && m3 === 0)) throw new Unsupported(`the margin (${m1}, ${m2}, ${m3})`);
  return combinedMargin({ scale, m1, m2, m3, reading });
}

function namedMargin(params: Fields): { readonly margin: Margin; readonly filter: number } {
  const impl = params.oneOf("impl", ["ArcFace", "CosFace", "Combined", "ArcFaceTrueGradient"]);
  if (impl === "Combined") return recordedMargin(params);
  const scale = params.number("s");
  switch (impl) {
    case "ArcFace": // today's class computes its angles outside the autograd graph
      return {
        margin: arcFace({ scale, margin: params.number("m"), gradient: "straight-through", beyondPi: "wrap" }),
        filter: 0,
      };
    case "CosFace":
      return { margin: cosFace({ scale, margin: params.number("m") }), filter: 0 };
    case "ArcFaceTrueGradient":
      return {
        margin: arcFace({ scale, margin: params.number("m2"), gradient: "exact", beyondPi: "affine" }),
        filter: 0,
      };
  }
}

function plan({ inputs }: Fixture, { margin, filter }: { readonly margin: Margin; readonly filter: number }): Plan {
  const cos = inputs.tensor("cos");
  const labels = inputs.integers("labels");
  const seed = inputs.tensor("grad_out");
  return {
    async run(engine) {
      const { y, grads } = await differentiate(
        engine,
        { cos },
        (leaves) => margin.logits(interclassFilter(leaves.cos, labels, filter), labels),
        seed,
      );
      return { outputs: { logits: y }, grads };
    },
  };
}

function general(fixture: Fixture): Plan {
  const { params } = fixture;
  const [scale, m1, m2, m3] = ["s", "m1", "m2", "m3"].map((name) => params.number(name));
  return plan(fixture, { margin: generalMargin({ scale, m1, m2, m3 }), filter: 0 });
}

export const margins: Family = {
  margin_loss: (fixture) => plan(fixture, namedMargin(fixture.params)),
  margin_loss_general: general,
};
