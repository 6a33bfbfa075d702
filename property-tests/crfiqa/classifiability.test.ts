/**
 * Relative classifiability (Boutros et al. 2023, section 3) over all cosines: what it is at its limits, how it rises and falls, and that
 * it is a number wherever cosines are.
 *
 * Rounding: a denominator is two sums of numbers that are added once (the difference to 1 near −1 is exact), the quotient one more; a
 * constant may be rounded itself. So no result is off by more than 4 units of u (half a unit in the last place) relative to itself; those
 * below the normal numbers of float32 by no more than the smallest of all.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import {
  nearestNegative,
  relativeClassifiability,
  type ClassifiabilityForm,
} from "../../src/crfiqa/relativeClassifiability.js";
import type { Engine } from "../../src/tensor/engine.js";
import { cosines } from "../arbitraries/cosines.js";
import { engines, roundingOf } from "../engines.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";

const forms = (): fc.Arbitrary<ClassifiabilityForm> => fc.constantFrom("paper", "raw");
const floors = (): fc.Arbitrary<number | null | undefined> => fc.constantFrom(undefined, null, -1e-12, -0.5, 0);

interface Asked {
  readonly own: readonly number[];
  readonly nearest: readonly number[];
  readonly form?: ClassifiabilityForm;
  readonly floor?: number | null;
}

/** The smallest float32 number. */
const SMALLEST = 2 ** -149;
/** From here on numbers of this size are normal ones after all quotients of this file. */
const NORMAL = 2 ** -120;

/** CR of each pair, on that engine. */
function classifiability(engine: Engine, { own, nearest, form, floor }: Asked): number[] {
  return engine.scope(() => {
    const negative = nearestNegative(engine.tensor([...nearest], [nearest.length]), floor);
    return Array.from(relativeClassifiability(engine.tensor([...own], [own.length]), negative, form).dataSync());
  });
}

/** On every engine, each result as expected but for `slack` and 4u, relative to it. */
function assertClassifiability(asked: Asked, expected: readonly number[], slack = 0): void {
  for (const engine of engines) {
    const allowed = expected.map((value) => Math.abs(value) * (slack + 4 * roundingOf(engine)) + SMALLEST);
    assertWithin(classifiability(engine, asked), expected, allowed, engine.name);
  }
}

describe("relative classifiability", () => {
  property(
    "is CCS / (NNCCS + 1 + 1e-9) in the paper's form, of NNCCS no less than its floor",
    [fc.array(fc.tuple(cosines(), cosines()), { minLength: 1, maxLength: 9 }), floors()],
    (pairs, floor) => {
      const [own, nearest] = [pairs.map(([ccs]) => ccs), pairs.map(([, nnccs]) => nnccs)];
      const least = floor === undefined ? -1e-12 : (floor ?? -1);
      const expected = pairs.map(([ccs, nnccs]) => ccs / (Math.max(nnccs, least) + 1 + 1e-9));
      assertClassifiability({ own, nearest, floor }, expected);
    },
  );

  property(
    "is CCS / NNCCS in the raw form, as soon as NNCCS is not next to 0",
    [fc.array(fc.tuple(cosines(), cosines(1e-6, 1), fc.boolean()), { minLength: 1, maxLength: 9 })],
    (triples) => {
      const own = triples.map(([ccs]) => ccs);
      const nearest = triples.map(([, size, negative]) => (negative ? -size : size));
      const expected = own.map((ccs, i) => ccs / nearest[i]);
      assertClassifiability({ own, nearest, form: "raw", floor: null }, expected);
    },
  );

  property(
    "is 1 of a perfect image, CCS 1 and NNCCS 0; c / (1 + c) where the nearest wrong center is as near as the own one",
    [cosines(0, 1)],
    (c) => {
      // the paper's 1e-9 is a share of 1 + c, which is 1 at least
      assertClassifiability({ own: [1], nearest: [0] }, [1], 1e-9);
      assertClassifiability({ own: [c], nearest: [c] }, [c / (1 + c)], 1e-9);
    },
  );

  property(
    "follows CCS alone where all wrong centers lie behind: CCS / (1 − 1e-12 + 1e-9) above the public floor",
    [cosines(), cosines(-1, -1e-6)],
    (ccs, behind) => {
      assertClassifiability({ own: [ccs], nearest: [behind] }, [ccs / (1 - 1e-12 + 1e-9)]);
    },
  );

  property(
    "has a billion times CCS for its limit, the wrong centers opposite and no floor; a million million times −CCS in the raw form with one",
    [cosines(), cosines(-1, 0)],
    (ccs, behind) => {
      assertClassifiability({ own: [ccs], nearest: [-1], floor: null }, [ccs / 1e-9]);
      assertClassifiability({ own: [ccs], nearest: [behind], form: "raw" }, [ccs / -1e-12]);
    },
    { examples: [[1, 0], [0, 0]] }, // prettier-ignore
  );

  property(
    "is a finite number whatever the cosines, the form and the floor; −1e9 … 1e9 in the paper's form, −1.1 … 1.1 with the public floor",
    [cosines(), cosines(), forms(), floors()],
    (ccs, nnccs, form, floor) => {
      for (const engine of engines) {
        const [found] = classifiability(engine, { own: [ccs], nearest: [nnccs], form, floor });
        assert.ok(Number.isFinite(found), `${engine.name}: ${found}`);
        const paper = form === "paper" ? (floor === undefined ? 1.1 : 1e9) : 1e12;
        assert.ok(Math.abs(found) <= paper * (1 + 4 * roundingOf(engine)), `${engine.name}: ${found}`);
      }
    },
    { examples: [[1, 0, "raw", null], [1, -1, "paper", null], [0, 0, "raw", 0], [-1, -1, "raw", undefined]] }, // prettier-ignore
  );

  property(
    "rises with CCS, and strictly, in the paper's form, whatever NNCCS",
    [cosines(), cosines(), cosines(), floors()],
    (one, other, nnccs, floor) => {
      const own = [Math.min(one, other), Math.max(one, other)];
      for (const engine of engines) {
        const [lower, higher] = classifiability(engine, { own, nearest: [nnccs, nnccs], floor });
        // quotients by one number keep their order; those further apart than both are rounded differ
        const size = Math.max(Math.abs(own[0]), Math.abs(own[1]));
        const apart = own[1] - own[0] > 4 * roundingOf(engine) * size + NORMAL;
        assert.ok(apart ? lower < higher : lower <= higher, `${engine.name}: ${lower} and ${higher}`);
      }
    },
  );

  property(
    "falls as NNCCS rises, and strictly, where CCS is positive; does not see NNCCS where CCS is 0; rises with it where CCS is negative",
    [cosines(), cosines(), cosines()],
    (ccs, one, other) => {
      const nearest = [Math.min(one, other), Math.max(one, other)];
      for (const engine of engines) {
        const [first, second] = classifiability(engine, { own: [ccs, ccs], nearest, floor: null });
        const fall = Math.sign(ccs) * (first - second);
        const apart = nearest[1] - nearest[0] > 8 * roundingOf(engine) * (nearest[1] + 1 + 1e-9);
        assert.ok(apart && Math.abs(ccs) > NORMAL ? fall > 0 : fall >= 0, `${engine.name}: ${first} and ${second}`);
      }
    },
  );
});
