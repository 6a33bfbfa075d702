import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clusterReport } from "../../src/evaluation/index.js";

const of = (...labels: number[]): Int32Array => Int32Array.from(labels);

describe("a report on clusters", () => {
  it("counts", () => {
    const report = clusterReport(of(0, 0, 0, 0, 0, 2, 3, 3, -1), 4, {
      inertia: 2.5,
      classes: of(1, 1, 1, 1, 2, 2, 2, 2, 2),
    });
    assert.deepEqual(report, {
      rows: 8,
      unlabelled: 1,
      clusters: 4,
      empty: 1,
      inertia: 2.5,
      sizes: { smallest: 0, median: 1.5, mean: 2, largest: 5 },
      histogram: [
        { from: 0, to: 0, clusters: 1 },
        { from: 1, to: 1, clusters: 1 },
        { from: 2, to: 3, clusters: 1 },
        { from: 4, to: 7, clusters: 1 },
      ],
      agreement: report.agreement,
    });
    assert.equal(report.agreement?.purity, 7 / 8);
    assert.equal(clusterReport(of(0), 1, { inertia: 0 }).agreement, undefined);
    assert.throws(() => clusterReport(of(0, 4), 4, { inertia: 0 }), /from −1 \(none\) to 3; the label of row 1 is 4/);
  });
});
