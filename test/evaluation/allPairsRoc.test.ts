import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allPairsRoc, exactAllPairsRoc } from "../../src/evaluation/allPairsRoc.js";
import { areaUnderCurve, equalErrorRate, rocCurve, tarAtFar, type RocCurve } from "../../src/evaluation/roc.js";
import { clusters, dot, tied, unitRows, type Labelled } from "./embeddings.js";

/** Every pair, by the definition. */
function bruteForce(set: Labelled): RocCurve {
  const rows = unitRows(set);
  const scores: number[] = [];
  const genuine: boolean[] = [];
  for (let i = 0; i < rows.length; i++) {
    for (let j = i + 1; j < rows.length; j++) {
      scores.push(dot(rows[i], rows[j]));
      genuine.push(set.labels[i] === set.labels[j]);
    }
  }
  return rocCurve(scores, genuine);
}

const fars = [0, 1e-4, 1e-3, 1e-2, 0.1, 1];

describe("exactAllPairsRoc", () => {
  it("is the curve of all pairs, whatever part of a tile is filled", async () => {
    for (const count of [5, 95, 96, 97, 101, 200]) {
      const set = clusters(`exact ${count}`, count, 7, 3, 0.8);
      assert.deepEqual(await exactAllPairsRoc(set), bruteForce(set));
    }
  });

  it("is so with ties, equal rows and rows of zeros", async () => {
    const set = tied("exact", 120, 3, 4);
    assert.deepEqual(await exactAllPairsRoc(set), bruteForce(set));
  });

  it("refuses more images than it can keep the pairs of", async () => {
    const labels = new Int32Array(4001);
    const set = { embeddings: new Float32Array(4001).fill(1), embedding: 1, labels };
    await assert.rejects(exactAllPairsRoc(set), /8002000 pairs; all are kept only up to 4000 images/);
  });
});

describe("allPairsRoc", () => {
  it("counts every pair, and each of its vertices is one of the exact curve", async () => {
    const set = clusters("bins", 230, 8, 12, 0.6);
    const exact = bruteForce(set);
    const vertices = new Set(Array.from(exact.falseAccept, (far, v) => `${far} ${exact.trueAccept[v]}`));
    for (const bins of [4, 256, 65536]) {
      const counted = await allPairsRoc(set, bins);
      assert.deepEqual([counted.genuine, counted.impostor], [exact.genuine, exact.impostor]);
      counted.falseAccept.forEach((far, v) => assert.ok(vertices.has(`${far} ${counted.trueAccept[v]}`)));
    }
  });

  it("never promises more than the exact curve, and less by one bin's genuine pairs at most", async () => {
    const set = clusters("bound", 230, 8, 12, 0.6);
    const exact = tarAtFar(bruteForce(set), fars);
    const curve = await allPairsRoc(set, 512);
    const largestStep = Math.max(...curve.trueAccept.map((tar, v) => tar - (v > 0 ? curve.trueAccept[v - 1] : 0)));
    tarAtFar(curve, fars).forEach(({ tar }, i) => {
      assert.ok(tar <= exact[i].tar, `FAR ${fars[i]}: ${tar} > ${exact[i].tar}`);
      assert.ok(tar >= exact[i].tar - largestStep - 1e-12);
    });
  });

  it("is, with its usual bins, the exact curve for the eye", async () => {
    const set = clusters("fine", 230, 8, 12, 0.6);
    const exact = bruteForce(set);
    const curve = await allPairsRoc(set);
    // about 2,200 genuine pairs: the crossing moves by the few pairs of one bin, 5e-4 each
    assert.ok(Math.abs(equalErrorRate(curve) - equalErrorRate(exact)) < 2e-3);
    assert.ok(Math.abs(areaUnderCurve(curve) - areaUnderCurve(exact)) < 1e-4);
  });

  it("takes similarities from elsewhere, each pair once", async () => {
    const set = clusters("given", 300, 8, 12, 0.6);
    const rows = unitRows(set);
    const calls: [number, number][] = [];
    const similarityBlock = async (start: number, end: number): Promise<Float32Array> => {
      calls.push([start, end]);
      return Float32Array.from(rows.slice(start, end).flatMap((query) => rows.map((row) => dot(query, row))));
    };
    const given = await allPairsRoc({ ...set, similarityBlock }, 256);
    const own = await allPairsRoc(set, 256);
    assert.equal(given.genuine + given.impostor, own.genuine + own.impostor);
    // float32 moves a pair across the edge of a bin rarely: 6e-8 · 8 against a width of 8e-3
    assert.ok(Math.abs(areaUnderCurve(given) - areaUnderCurve(own)) < 1e-4);
    assert.deepEqual(calls, [
      [0, 256],
      [256, 300],
    ]);
  });

  it("is half a chance when all embeddings are equal", async () => {
    const set = { embeddings: new Float32Array(40).fill(0.3), embedding: 4, labels: [0, 0, 0, 1, 1, 1, 2, 2, 2, 2] };
    const curve = await allPairsRoc(set);
    assert.equal(equalErrorRate(curve), 0.5);
    assert.equal(tarAtFar(curve, [0.5])[0].tar, 0);
  });

  it("says what is wrong with its input", async () => {
    const embeddings = Float32Array.of(1, 2, 3, 4);
    const run = (labels: number[], rows = embeddings): Promise<unknown> =>
      allPairsRoc({ embeddings: rows, embedding: 1, labels });
    await assert.rejects(run([1, 1, 1, 1]), /given 6 genuine and 0 impostor pairs/);
    await assert.rejects(run([1, 2, 3, 4]), /given 0 genuine and 6 impostor pairs/);
    await assert.rejects(run([1, 1, 2]), /given 3 for 4 rows/);
    await assert.rejects(run([1, 1, 2, 2], Float32Array.of(1, 2, NaN, 4)), /row 2, dimension 0 is NaN/);
  });
});
