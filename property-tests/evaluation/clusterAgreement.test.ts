/** Purity and normalised mutual information against counting pairs of labels one by one. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { normalizedMutualInformation, purity } from "../../src/evaluation/index.js";
import { property } from "../property.js";

function labelings(): fc.Arbitrary<{ clusters: Int32Array; classes: Int32Array }> {
  const row = fc.tuple(fc.integer({ min: -1, max: 5 }), fc.integer({ min: -1, max: 4 }));
  return fc
    .array(row, { minLength: 1, maxLength: 60 })
    .filter((rows) => rows.some(([cluster, label]) => cluster >= 0 && label >= 0))
    .map((rows) => ({
      clusters: Int32Array.from(rows, ([cluster]) => cluster),
      classes: Int32Array.from(rows, ([, label]) => label),
    }));
}

/** The rows that count. */
function pairsOf(clusters: Int32Array, classes: Int32Array): [number, number][] {
  return [...clusters]
    .map((cluster, i): [number, number] => [cluster, classes[i]])
    .filter(([a, b]) => a >= 0 && b >= 0);
}

const entropyOf = (labels: readonly (number | string)[]): number =>
  [...new Set(labels)].reduce<number>((sum, label) => {
    const share = labels.filter((other) => other === label).length / labels.length;
    return sum - share * Math.log(share);
  }, 0);

describe("agreement of clusters and classes", () => {
  property("is what counting gives", [labelings()], ({ clusters, classes }) => {
    const pairs = pairsOf(clusters, classes);
    let right = 0;
    for (const cluster of new Set(pairs.map(([of]) => of))) {
      const inside = pairs.filter(([of]) => of === cluster).map(([, label]) => label);
      right += Math.max(...inside.map((label) => inside.filter((other) => other === label).length));
    }
    assert.equal(purity(clusters, classes), right / pairs.length);

    const [first, second] = [entropyOf(pairs.map(([of]) => of)), entropyOf(pairs.map(([, of]) => of))];
    const both = entropyOf(pairs.map((pair) => pair.join()));
    const expected = first + second === 0 ? 1 : (2 * (first + second - both)) / (first + second);
    const found = normalizedMutualInformation(clusters, classes);
    // sums of at most 60 logarithms below ln 60, divided by an entropy of at least that of one row among 60
    const leastEntropy = entropyOf(Array.from({ length: 60 }, (_, i) => Number(i === 0))) / 2;
    assert.ok(
      Math.abs(found - expected) <= (4 * 60 * 2 ** -53 * Math.log(60)) / leastEntropy,
      `${found}, not ${expected}`,
    );
  });

  property(
    "lies between 0 and 1, and is symmetric as far as information goes",
    [labelings()],
    ({ clusters, classes }) => {
      const information = normalizedMutualInformation(clusters, classes);
      const turned = normalizedMutualInformation(classes, clusters);
      assert.ok(information >= 0 && information <= 1, `information ${information}`);
      assert.ok(Math.abs(information - turned) < 1e-12, `${information}, the other way round ${turned}`);
      const share = purity(clusters, classes);
      const groups = new Set(pairsOf(clusters, classes).map(([, label]) => label)).size;
      assert.ok(share >= 1 / groups - 1e-15 && share <= 1, `purity ${share} with ${groups} classes`);
    },
  );

  property(
    "does not care what clusters and classes are called",
    [labelings(), fc.uniqueArray(fc.nat({ max: 10_000 }), { minLength: 6, maxLength: 6 })],
    ({ clusters, classes }, names) => {
      const rename = (labels: Int32Array): Int32Array => labels.map((label) => (label < 0 ? -1 : names[label]));
      assert.equal(purity(rename(clusters), rename(classes)), purity(clusters, classes));
      assert.equal(
        normalizedMutualInformation(rename(clusters), rename(classes)),
        normalizedMutualInformation(clusters, classes),
      );
    },
  );

  property("is perfect against itself", [labelings()], ({ clusters }) => {
    if (!clusters.some((label) => label >= 0)) return;
    assert.equal(purity(clusters, clusters), 1);
    const information = normalizedMutualInformation(clusters, clusters);
    assert.ok(Math.abs(information - 1) < 1e-12, `information ${information}`);
  });
});
