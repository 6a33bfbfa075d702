import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clusterSizes, limitClusterSizes } from "../../src/unicom/index.js";

const labels = Int32Array.of(0, 2, 2, 0, 3, -1, 2, 0, 0);

describe("limits on the sizes of clusters", () => {
  it("by default only close gaps", () => {
    const { labels: limited, clusters, kept, dropped } = limitClusterSizes(labels, 5);
    assert.deepEqual([...limited], [0, 1, 1, 0, 2, -1, 1, 0, 0]);
    assert.deepEqual([clusters, [...kept]], [3, [0, 2, 3]]);
    assert.deepEqual(dropped, { small: 0, beyondMost: 0 });
  });

  it("drop small clusters and number the others anew", () => {
    const { labels: limited, clusters, kept, dropped } = limitClusterSizes(labels, 5, { minClusterSize: 2 });
    assert.deepEqual([...limited], [0, 1, 1, 0, -1, -1, 1, 0, 0]);
    assert.deepEqual([clusters, [...kept]], [2, [0, 2]]);
    assert.deepEqual(dropped, { small: 1, beyondMost: 0 });
  });

  it("thin out large ones, evenly and as the seed says", () => {
    const many = new Int32Array(3000).map((_, row) => row % 3);
    const first = limitClusterSizes(many, 3, { maxPerCluster: 100, seed: 1 });
    assert.deepEqual([...clusterSizes(first.labels, 3)], [100, 100, 100]);
    assert.equal(first.dropped.beyondMost, 2700);
    for (const [row, label] of first.labels.entries()) assert.ok(label === -1 || label === row % 3);
    assert.deepEqual(limitClusterSizes(many, 3, { maxPerCluster: 100, seed: 1 }), first);
    assert.notDeepEqual(limitClusterSizes(many, 3, { maxPerCluster: 100, seed: 2 }).labels, first.labels);
  });

  it("refuse what cannot be", () => {
    assert.throws(() => limitClusterSizes(labels, 5, { minClusterSize: 3, maxPerCluster: 2 }), /given 3 and 2/);
    assert.throws(() => limitClusterSizes(labels, 5, { minClusterSize: 0 }), /whole numbers from 1.* given 0/);
    assert.throws(() => limitClusterSizes(labels, 3), /go from −1 \(none\) to 2; the label of row 4 is 3/);
  });
});
