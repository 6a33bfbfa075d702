/** Clusters that are too small or too large: who keeps a label, which one, and that nothing else decides. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { clusterSizes, limitClusterSizes } from "../../src/unicom/index.js";
import { property } from "../property.js";
import { assertShares } from "../statistics.js";

const CLUSTERS = 7;
const labelings = fc
  .array(fc.integer({ min: -1, max: CLUSTERS - 1 }), { maxLength: 60 })
  .map((all) => Int32Array.from(all));
const limits = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 9 })), fc.nat())
  .map(([minClusterSize, more, seed]) => ({ minClusterSize, maxPerCluster: minClusterSize + more, seed }));

describe("clusters of limited size", () => {
  property(
    "are those with enough rows, in their order, with all their rows or as many as they may have",
    [labelings, limits],
    (labels, given) => {
      const found = limitClusterSizes(labels, CLUSTERS, given);
      const rowsOf = (all: Int32Array, label: number): number[] => [...all.keys()].filter((row) => all[row] === label);
      const kept = Array.from({ length: CLUSTERS }, (_, j) => j).filter(
        (j) => rowsOf(labels, j).length >= given.minClusterSize,
      );
      assert.deepEqual([...found.kept], kept);
      assert.equal(found.clusters, kept.length);
      for (const [position, j] of kept.entries()) {
        const [before, after] = [rowsOf(labels, j), rowsOf(found.labels, position)];
        assert.equal(after.length, Math.min(before.length, given.maxPerCluster), `rows of cluster ${j}`);
        assert.ok(after.every((row) => before.includes(row)), `cluster ${j} has rows of others`); // prettier-ignore
      }
      const labelled = (all: Int32Array): number => all.filter((label) => label >= 0).length;
      const { small, beyondMost } = found.dropped;
      assert.equal(labelled(found.labels), labelled(labels) - small - beyondMost);
      const ofSmall = labels.filter((label) => label >= 0 && !kept.includes(label)).length;
      assert.equal(small, ofSmall);
    },
  );

  property("without limits are as they were, but for gaps", [labelings], (labels) => {
    const distinct = [...new Set(labels)].filter((label) => label >= 0).sort((a, b) => a - b);
    const found = limitClusterSizes(labels, CLUSTERS);
    assert.deepEqual(found.labels, labels.map((label) => distinct.indexOf(label))); // prettier-ignore
    const sizes = clusterSizes(labels, CLUSTERS);
    assert.equal(sizes.reduce((sum, size) => sum + size, 0), labels.filter((label) => label >= 0).length); // prettier-ignore
  });

  property(
    "do not see how other clusters lie, nor how often they are limited",
    [labelings, limits],
    (labels, given) => {
      const once = limitClusterSizes(labels, CLUSTERS, given);
      const again = limitClusterSizes(once.labels, once.clusters, given);
      assert.deepEqual(again.labels, once.labels);
      // the same cluster with nobody beside it
      for (const j of once.kept) {
        const alone = limitClusterSizes(labels.map((label) => (label === j ? j : -1)), CLUSTERS, given); // prettier-ignore
        const position = once.kept.indexOf(j);
        assert.deepEqual(alone.labels, once.labels.map((label) => (label === position ? 0 : -1))); // prettier-ignore
      }
    },
  );

  property(
    "keep each of their rows as often as any other (false alarms: 1e-9 a case)",
    [fc.integer({ min: 2, max: 12 }), fc.nat(), fc.nat()],
    (rows, wanted, seed) => {
      const most = 1 + (wanted % (rows - 1));
      const counts = new Array<number>(rows).fill(0);
      for (let draw = 0; draw < 500; draw++) {
        const limit = { maxPerCluster: most, seed: `${seed} ${draw}` };
        limitClusterSizes(new Int32Array(rows), 1, limit).labels.forEach((label, row) => (counts[row] += label + 1));
      }
      assertShares(counts, 500, most / rows);
    },
    { runs: 15 },
  );
});
