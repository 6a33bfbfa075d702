import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  nearestNegative,
  PUBLISHED_FLOOR,
  relativeClassifiability,
  type ClassifiabilityForm,
} from "../../src/crfiqa/relativeClassifiability.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

function classifiability(own: number, nearest: number, form?: ClassifiabilityForm, floor?: number | null): number {
  return engine.scope(() => {
    const negative = nearestNegative(engine.tensor([nearest], [1]), floor);
    return relativeClassifiability(engine.tensor([own], [1]), negative, form).dataSync()[0];
  });
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-8 * Math.abs(expected), `${actual}, expected ${expected}`);
}

describe("relative classifiability, by hand", () => {
  // CCS, NNCCS, and CR in both forms, to the 1e-9 of the paper's denominator
  for (const [own, nearest, paper, raw] of [
    [0.8, 0.6, 0.5, 4 / 3], // 0.8/1.6
    [0.6, 0.8, 1 / 3, 0.75], // nearer to a wrong center
    [0.3, 0.2, 0.25, 1.5], // 0.3/1.2
    [-0.5, 0.25, -0.4, -2], // 0.5/1.25
    [1, 1, 0.5, 1], // two centers that are one
    [0, 0.7, 0, 0],
  ] as const) {
    it(`CCS ${own}, NNCCS ${nearest}: ${paper.toPrecision(3)}, in the raw form ${raw.toPrecision(3)}`, () => {
      near(classifiability(own, nearest), paper);
      near(classifiability(own, nearest, "raw"), raw);
    });
  }

  it("with all wrong centers behind: the floor −1e-12 leaves CCS; without it the denominator is what is left of 1", () => {
    near(classifiability(0.9, -0.5), 0.9);
    near(classifiability(0.9, -0.5, "paper", null), 1.8); // 0.9/0.5
    near(classifiability(0.9, -1, "paper", null), 0.9e9);
    near(classifiability(0.9, -0.5, "raw"), -0.9e12);
    near(classifiability(0.9, -0.5, "raw", null), -1.8);
    near(classifiability(0.9, -0.5, "paper", -0.25), 1.2); // 0.9/0.75
  });

  it("divides by no 0 in the raw form: 0 counts as −1e-12, what is smaller by its sign", () => {
    near(classifiability(0.5, 0, "raw", null), -0.5e12);
    near(classifiability(0.5, 1e-20, "raw", null), 0.5e12);
    near(classifiability(0.5, -1e-20, "raw", null), -0.5e12);
    assert.equal(PUBLISHED_FLOOR, -1e-12);
  });

  it("where there is no wrong center in the sample, takes the floor, or −1", () => {
    near(classifiability(0.5, -4, "paper"), 0.5);
    near(classifiability(0.5, -3e38, "paper", null), 0.5e9);
  });
});
