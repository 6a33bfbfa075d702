import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { areaUnderCurve, equalErrorRate, rocCorners, rocCurve, tarAtFar, thinRoc } from "../../src/evaluation/roc.js";
import { stream } from "../../src/tensor/random.js";

/** Scores with many ties: tenths (+ 0 turns −0 into 0). */
function sample(seed: string, count: number): { scores: number[]; genuine: number[] } {
  const random = stream(seed);
  const genuine = Array.from({ length: count }, () => random.integer(2));
  return { scores: genuine.map((kind) => Math.round(10 * (random.normal() + kind)) / 10 + 0), genuine };
}

/** Share of pairs of that kind with score ≥ threshold. */
function share(scores: readonly number[], genuine: readonly number[], kind: number, threshold: number): number {
  const chosen = scores.filter((_, p) => genuine[p] === kind);
  return chosen.filter((score) => score >= threshold).length / chosen.length;
}

describe("rocCurve", () => {
  it("has one vertex a distinct score, and each is what counting gives", () => {
    const { scores, genuine } = sample("curve", 200);
    const curve = rocCurve(scores, genuine);
    const distinct = [...new Set(scores)].sort((a, b) => b - a);
    assert.deepEqual(Array.from(curve.thresholds), [Infinity, ...distinct]);
    curve.thresholds.forEach((threshold, v) => {
      assert.equal(curve.trueAccept[v], share(scores, genuine, 1, threshold));
      assert.equal(curve.falseAccept[v], share(scores, genuine, 0, threshold));
    });
  });

  it("does not care about the order of the pairs", () => {
    const { scores, genuine } = sample("order", 100);
    const order = stream("order", 2).shuffle(Array.from(scores.keys()));
    assert.deepEqual(
      rocCurve(order.map((p) => scores[p]), order.map((p) => genuine[p])), // prettier-ignore
      rocCurve(scores, genuine),
    );
  });

  it("treats 0 and −0 as equal scores", () => {
    assert.equal(rocCurve([0, -0, -0, 0], [1, 0, 1, 0]).thresholds.length, 2);
  });

  it("refuses scores that form no curve", () => {
    assert.throws(() => rocCurve([1, NaN], [1, 0]), /score 1 is NaN/);
    assert.throws(() => rocCurve([1, 2], [1, 1]), /given 2 genuine and 0 impostor pairs/);
    assert.throws(() => rocCurve([1, 2], [0, 0]), /given 0 genuine and 2 impostor pairs/);
    assert.throws(() => rocCurve([1, 2], [0]), /given 2 scores and 1 kinds/);
  });
});

describe("rocCorners", () => {
  it("drops vertices inside runs of equal steps, but never the first that accepts anything", () => {
    // impostors at 9, 8, 7, genuine pairs at 6, 5, and one of each at 4: the runs are 9 8 7 and 6 5
    const curve = rocCurve([9, 8, 7, 6, 5, 4, 4], [0, 0, 0, 1, 1, 1, 0]);
    assert.deepEqual(rocCorners(curve).thresholds, Float64Array.of(Infinity, 9, 7, 5, 4));
  });
});

describe("tarAtFar", () => {
  it("is the largest TAR among the vertices whose FAR does not exceed the target", () => {
    const { scores, genuine } = sample("tar", 300);
    const curve = rocCurve(scores, genuine);
    for (const far of [0, 1e-3, 0.01, 0.1, 0.25, 1]) {
      const allowed = [Infinity, ...scores].filter((threshold) => share(scores, genuine, 0, threshold) <= far);
      const [result] = tarAtFar(curve, [far]);
      assert.equal(result.tar, Math.max(...allowed.map((threshold) => share(scores, genuine, 1, threshold))));
      assert.equal(result.falseAccept, share(scores, genuine, 0, result.threshold));
    }
  });

  it("takes, on request, the vertex whose FAR is nearest, of equally near ones the one with the larger TAR", () => {
    // FAR after each impostor: 1/4, 1/2, 3/4, 1
    const curve = rocCurve([9, 8, 7, 6, 5, 4, 3], [0, 1, 0, 1, 0, 1, 0]);
    assert.equal(tarAtFar(curve, [0.2], "nearest")[0].falseAccept, 0.25);
    assert.equal(tarAtFar(curve, [0.2])[0].falseAccept, 0);
    const [between] = tarAtFar(curve, [0.375], "nearest"); // 1/4 and 1/2 are equally near
    assert.deepEqual([between.falseAccept, between.tar], [0.5, 2 / 3]);
  });

  it("meets a FAR exactly where count over impostors is that number", () => {
    const scores = Array.from({ length: 1001 }, (_, i) => -i);
    const kinds = scores.map((_, i) => (i === 2 ? 1 : 0)); // two impostors, the genuine pair, 998 impostors
    const curve = rocCurve(scores, kinds);
    assert.deepEqual(tarAtFar(curve, [1e-3, 2e-3]).map(({ tar }) => tar), [0, 1]); // prettier-ignore
  });

  it("says when the impostors are too few to resolve the rate", () => {
    const kinds = Array.from({ length: 101 }, (_, i) => (i === 0 ? 1 : 0)); // 100 impostors
    const results = tarAtFar(rocCurve(kinds, kinds), [0, 1e-3, 0.01, 0.1]);
    assert.deepEqual(results.map(({ resolved }) => resolved), [false, false, true, true]); // prettier-ignore
  });

  it("refuses a rate outside 0 .. 1", () => {
    assert.throws(() => tarAtFar(rocCurve([1, 2], [0, 1]), [-0.1]), /lies in 0 .. 1, given -0.1/);
  });
});

describe("equalErrorRate", () => {
  it("is 0 for perfect scores, 1 for perfectly wrong ones, one half when all are equal", () => {
    assert.equal(equalErrorRate(rocCurve([3, 2, 1, 0], [1, 1, 0, 0])), 0);
    assert.equal(equalErrorRate(rocCurve([3, 2, 1, 0], [0, 0, 1, 1])), 1);
    assert.equal(equalErrorRate(rocCurve([7, 7, 7], [1, 0, 0])), 0.5);
  });

  it("lies where the line between two vertices crosses FAR = 1 − TAR", () => {
    // vertices (0, 0), (0, 1/2), (2/3, 1/2), (2/3, 1), (1, 1): crossing on the horizontal part at FAR 1/2; a few roundings
    const horizontal = equalErrorRate(rocCurve([9, 8, 8, 7, 6], [1, 0, 0, 1, 0]));
    assert.ok(Math.abs(horizontal - 1 / 2) < 1e-15);
    // (0, 0) → (1/3, 1) straight: FAR = 1 − 3 FAR
    const tie = equalErrorRate(rocCurve([9, 9, 1, 1], [1, 0, 0, 0]));
    assert.ok(Math.abs(tie - 1 / 4) < 1e-15);
  });

  it("agrees with a fine walk along the polyline", () => {
    const { scores, genuine } = sample("eer", 150);
    const { trueAccept, falseAccept } = rocCurve(scores, genuine);
    let nearest = { gap: Infinity, far: NaN };
    for (let v = 1; v < trueAccept.length; v++) {
      for (let s = 0; s <= 1000; s++) {
        const far = falseAccept[v - 1] + (s / 1000) * (falseAccept[v] - falseAccept[v - 1]);
        const tar = trueAccept[v - 1] + (s / 1000) * (trueAccept[v] - trueAccept[v - 1]);
        const gap = Math.abs(far + tar - 1);
        if (gap < nearest.gap) nearest = { gap, far };
      }
    }
    // a step of the walk is at most a thousandth of the longest edge, which is below 1
    assert.ok(Math.abs(equalErrorRate({ ...rocCurve(scores, genuine) }) - nearest.far) < 1e-3);
  });
});

describe("areaUnderCurve", () => {
  it("is the chance that a genuine score exceeds an impostor's, ties counting one half", () => {
    const { scores, genuine } = sample("area", 180);
    let [wins, pairs] = [0, 0];
    for (let g = 0; g < scores.length; g++) {
      for (let i = 0; i < scores.length; i++) {
        if (genuine[g] !== 1 || genuine[i] !== 0) continue;
        pairs++;
        wins += scores[g] > scores[i] ? 1 : scores[g] === scores[i] ? 0.5 : 0;
      }
    }
    // fewer than 100 vertices, each term rounded a few times
    assert.ok(Math.abs(areaUnderCurve(rocCurve(scores, genuine)) - wins / pairs) < 1e-13);
  });
});

describe("thinRoc", () => {
  it("keeps some vertices of the curve, in order, up to (1, 1)", () => {
    const random = stream("thin");
    const kinds = Array.from({ length: 5000 }, () => random.integer(2));
    const curve = rocCurve(kinds.map((kind) => kind + random.normal()), kinds); // prettier-ignore
    const points = thinRoc(curve, 40);
    assert.ok(points.length <= 41 && points.length > 25);
    assert.deepEqual(points.at(-1), [1, 1]);
    const vertices = new Set(Array.from(curve.falseAccept, (far, v) => `${far} ${curve.trueAccept[v]}`));
    points.forEach(([far, tar], i) => {
      assert.ok(vertices.has(`${far} ${tar}`));
      if (i > 0) assert.ok(far >= points[i - 1][0] && tar >= points[i - 1][1]);
    });
  });
});
