import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DiscardCurve } from "../../../src/evaluation/index.js";
import { discardFigure } from "../../../src/training/report/discardFigure.js";
import { moveApart } from "../../../src/training/report/drawSvg.js";
import { colorOf } from "../../../src/training/report/figures.js";
import { severityFigure } from "../../../src/training/report/severityFigure.js";

function curve(errors: readonly number[], more: Partial<DiscardCurve> = {}): DiscardCurve {
  const counts = Int32Array.from(errors, () => 10);
  const values = Float64Array.from(errors);
  return {
    threshold: "fullSet",
    fmrs: [1e-3],
    ratios: values.map((_, r) => r / errors.length),
    genuine: counts,
    impostor: counts,
    thresholds: [values],
    fnmr: [values],
    ...more,
  };
}

/** y of the ends of the curves, in pixels, in the order in which they were drawn; paths of more than two points. */
function heightsOfEnds(svg: string): number[] {
  const paths = [...svg.matchAll(/ d="(M[^"]*L[^"]*L[^"]*)"/g)].map(([, path]) => path);
  return paths.map((path) => Number(path.split(",").at(-1)));
}

describe("discardFigure", () => {
  it("draws each curve in its colour with its name, lower where there are fewer errors", () => {
    const { title, svg } = discardFigure(
      "Cross-network",
      [
        { name: "a < b & c", curve: curve([0.6, 0.4, 0.3]) },
        { name: "chance", curve: curve([0.6, 0.6, 0.5]), dashed: true },
      ],
      0,
    );
    assert.equal(title, "Cross-network");
    assert.match(svg, /a &lt; b &amp; c/);
    assert.match(svg, /chance/);
    assert.match(svg, /FNMR at an FMR of 0\.001/);
    assert.match(svg, /stroke-dasharray/);
    assert.ok(svg.includes(colorOf(0)) && svg.includes(colorOf(1)));
    const [first, second] = heightsOfEnds(svg);
    assert.ok(first > second, `${first} and ${second} pixels from the top`);
  });

  it("is a file that stands alone", () => {
    const { svg } = discardFigure("alone", [{ name: "a", curve: curve([0, 0, 0]) }], 0);
    assert.match(svg, /^<svg[^>]* xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    assert.doesNotMatch(svg.replaceAll(/xmlns(:\w+)?="[^"]*"/g, ""), /https?:|<script|NaN|Infinity/);
  });

  it("refuses what cannot be compared or drawn", () => {
    const named = (...curves: DiscardCurve[]) => curves.map((one, i) => ({ name: `curve ${i}`, curve: one })); // prettier-ignore
    const [one, other] = [curve([1, 0]), curve([1, 0], { threshold: "perSubset" })];
    assert.throws(
      () => discardFigure("t", named(one, other), 0),
      /one convention and one FMR; given fullSet .*perSubset/,
    );
    assert.throws(() => discardFigure("t", named(one, curve([1, 0], { fmrs: [0.1] })), 0), /of 0\.001, .* of 0\.1/);
    assert.throws(() => discardFigure("t", [], 0), /given none/);
    assert.throws(() => discardFigure("t", named(curve([1])), 0), /two points or more each; given curve 0 \(1\)/);
    assert.throws(() => discardFigure("t", [...named(one), ...named(one)], 0), /lines of different names/);
  });
});

describe("severityFigure", () => {
  it("draws a line with dots for each kind of degradation", () => {
    const points = (scores: readonly number[]) => scores.map((score, i) => ({ severity: i / 2, score }));
    const { svg } = severityFigure("Scores", [
      { name: "occlusion", points: points([0.4, 0.3, 0.1]) },
      { name: "blur", points: points([0.4, 0.4, 0.35]) },
    ]);
    assert.match(svg, /occlusion/);
    assert.equal(svg.match(/<circle/g)?.length, 6);
    const [occlusion, blur] = heightsOfEnds(svg);
    assert.ok(occlusion > blur);
  });

  it("draws a score that never changes", () => {
    const points = [0, 1].map((severity) => ({ severity, score: 0.2 }));
    assert.doesNotMatch(severityFigure("Scores", [{ name: "blur", points }]).svg, /NaN|Infinity/);
  });
});

describe("moveApart", () => {
  // a line is 14 of 288 pixels high
  const line = 14 / 288;

  it("leaves labels where there is room", () => {
    assert.deepEqual(moveApart([0.9, 0.1, 0.5], 0, 1), [0.9, 0.1, 0.5]);
  });

  it("moves the lower of two labels down, and those that would leave the axis up", () => {
    const [upper, lower] = moveApart([0.5, 0.49], 0, 1);
    assert.deepEqual([upper, lower], [0.5, 0.5 - line]);
    assert.deepEqual(moveApart([0, 0, 0], 0, 1), [2 * line, line, 0]);
  });
});
