/**
 * A margin by its published triple (m₁, m₂, m₃): (1, 0.5, 0) is ArcFace, (1, 0, 0.4) is CosFace.
 *
 * The configurations of InsightFace are written so, and its code does not do what the triple says. `reading`:
 * - "insightface" (default: a published triple is read as it was trained): m₃ > 0 is CosFace, and **m₁ and m₂ are ignored**;
 *   m₁ = 1 and m₃ = 0 is ArcFace with the straight-through gradient and no care beyond π; anything else is refused there and here.
 * - "unicom": the same, but that a scale of 1 means no margin at all.
 * - "formula": cos(m₁ · θ + m₂) − m₃ with its own derivative.
 */
import { arcFace } from "./arcFace.js";
import { cosFace } from "./cosFace.js";
import { generalMargin, type GeneralMarginOptions } from "./generalMargin.js";
import type { Margin } from "./margin.js";
import { plainSoftmax } from "./plainSoftmax.js";

export interface CombinedMarginOptions extends GeneralMarginOptions {
  readonly reading?: "insightface" | "unicom" | "formula";
}

/** @throws Error if the triple has no meaning in the chosen reading. */
export function combinedMargin(options: CombinedMarginOptions): Margin {
  const { scale = 64, m1 = 1, m2 = 0, m3 = 0, reading = "insightface" } = options;
  if (reading === "formula") return generalMargin({ scale, m1, m2, m3 });
  if (reading === "unicom" && scale === 1) return plainSoftmax({ scale });
  if (m3 > 0) return cosFace({ scale, margin: m3 });
  if (m1 === 1 && m3 === 0) return arcFace({ scale, margin: m2, gradient: "straight-through", beyondPi: "wrap" });
  throw new Error(
    `combinedMargin: InsightFace knows triples with m3 > 0 (CosFace) or m1 = 1 and m3 = 0 (ArcFace), given ` +
      `(${m1}, ${m2}, ${m3}); reading: "formula" takes any triple.`,
  );
}
