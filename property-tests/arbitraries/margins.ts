/** The margins of the library as plain data, so that a counterexample can be read. */
import fc from "fast-check";
import { arcFace } from "../../src/pfc/margins/arcFace.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import { combinedMargin } from "../../src/pfc/margins/combinedMargin.js";
import { generalMargin } from "../../src/pfc/margins/generalMargin.js";
import type { Margin } from "../../src/pfc/margins/margin.js";
import { angularMargins } from "./angles.js";
import { evenly } from "./numbers.js";

export type MarginChoice =
  | {
      readonly kind: "arcFace";
      readonly scale: number;
      readonly margin: number;
      readonly gradient: "exact" | "straight-through";
      readonly beyondPi: "affine" | "wrap";
    }
  | { readonly kind: "cosFace"; readonly scale: number; readonly margin: number }
  | {
      readonly kind: "general" | "combined";
      readonly scale: number;
      readonly triple: readonly [number, number, number];
    };

/** 0.5 to 64: those of the papers, and any between. */
export function scales(): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(1, 8, 32, 64), evenly(0.5, 64));
}

export function arcFaces(): fc.Arbitrary<MarginChoice & { readonly kind: "arcFace" }> {
  return fc.record({
    kind: fc.constant("arcFace" as const),
    scale: scales(),
    margin: angularMargins(),
    gradient: fc.constantFrom("exact" as const, "straight-through" as const),
    beyondPi: fc.constantFrom("affine" as const, "wrap" as const),
  });
}

/** Every margin, in every reading. */
export function marginChoices(): fc.Arbitrary<MarginChoice> {
  const cosines = evenly(0, 1);
  const factors = fc.oneof(fc.constant(1), evenly(0.5, 2));
  const published = fc.oneof(
    angularMargins().map((m): [number, number, number] => [1, m, 0]),
    // m₃ > 0 is CosFace to the public code, whatever stands before it
    fc.tuple(factors, evenly(0, 1), evenly(0.01, 1)),
  );
  return fc.oneof(
    { weight: 4, arbitrary: arcFaces() },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("cosFace" as const), scale: scales(), margin: cosines }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("general" as const),
        scale: scales(),
        triple: fc.tuple(factors, evenly(0, 1), cosines),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("combined" as const), scale: scales(), triple: published }),
    },
  );
}

export function toMargin(choice: MarginChoice): Margin {
  if (choice.kind === "arcFace") return arcFace(choice);
  if (choice.kind === "cosFace") return cosFace(choice);
  const { scale, triple } = choice;
  const [m1, m2, m3] = triple;
  return choice.kind === "general" ? generalMargin({ scale, m1, m2, m3 }) : combinedMargin({ scale, m1, m2, m3 });
}
