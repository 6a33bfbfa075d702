import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { complete, type PartialConfiguration } from "../../src/training/configuration.js";

const quality = (given: PartialConfiguration["quality"], more: PartialConfiguration = {}) =>
  complete({ ...more, quality: given }).quality;

describe("settings of quality", () => {
  it("are off by default, and CR-FIQA's own where it is on", () => {
    assert.equal(complete({}).quality.variant, "none");
    const { weight, unitRate, ...others } = quality({ variant: "simultaneous" });
    assert.deepEqual(others, { variant: "simultaneous", form: "paper", floor: -1e-12, beta: 0.5, base: "" });
    assert.equal(unitRate, 0.03); // of this project: with 1, as published, recognition suffers
    assert.equal(weight, 3.75); // 10 · 24/64
  });

  it("weigh the regression in proportion to the scale of the margin, or as they are told", () => {
    const scaled = (scale: number) => ({ head: { margin: { scale } } });
    assert.equal(quality({ variant: "simultaneous" }, scaled(64)).weight, 10);
    assert.equal(quality({ variant: "ccsOnly" }, scaled(32)).weight, 5);
    assert.equal(quality({ variant: "simultaneous", weight: 2 }, scaled(64)).weight, 2);
  });

  it("written down and read again are the same", () => {
    for (const floor of [null, 0.25]) {
      const whole = complete({ quality: { variant: "onTop", base: "runs/a", form: "raw", floor, weight: 7 } });
      assert.deepEqual(complete(JSON.parse(JSON.stringify(whole)) as PartialConfiguration), whole);
    }
  });

  for (const [what, given, message] of [
    ["an unknown variant", { variant: "both" as "none" }, /quality\.variant must be one of "none", "simultaneous", "onTop", "ccsOnly", given "both"/], // prettier-ignore
    ["no weight", { weight: 0 }, /quality\.weight must be more than 0, given 0/],
    ["no β", { beta: -1 }, /quality\.beta must be more than 0, given -1/],
    ["an unknown form", { form: "square" as "raw" }, /quality\.form must be one of "paper", "raw"/],
    ["a floor that is no cosine", { floor: -2 }, /quality\.floor must be at least -1, given -2/],
    ["on top of nothing", { variant: "onTop" as const }, /onTop trains on the run that quality\.base \(--base\) names.*given onTop and ""/], // prettier-ignore
    ["a base that nothing stands on", { variant: "simultaneous" as const, base: "runs/a" }, /no other variant has one; given simultaneous and "runs\/a"/], // prettier-ignore
  ] as const) {
    it(`are refused in a sentence: ${what}`, () => {
      assert.throws(() => quality(given), (error: Error) => message.test(error.message) && /^configuration: .*\.$/.test(error.message)); // prettier-ignore
    });
  }

  it("do not put dropout or degradation where there is no place for them", () => {
    const dropout = (kind: "mobilefacenet" | "iresnet50") => complete({ network: { kind, dropout: 0.4 } });
    assert.equal(dropout("iresnet50").network.dropout, 0.4);
    assert.throws(() => dropout("mobilefacenet"), /network\.dropout is of the IResNets, mobilefacenet has none/);
    assert.throws(() => complete({ augmentation: { degrade: 1.5 } }), /augmentation\.degrade must be at most 1/);
  });
});
