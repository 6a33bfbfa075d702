import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agreementOf, beyondChance } from "../../../experiments/unicom/agreement.js";
import { stream } from "../../../src/tensor/random.js";

describe("agreement beyond chance", () => {
  it("permutes rows, and keeps the sizes of clusters", () => {
    const pairs = Int32Array.of(4, 4, 9, 9);
    const found = Array.from({ length: 40 }, (_, seed) => agreementOf(pairs, Int32Array.of(0, 0, 1, 1), seed));
    // of six arrangements two are the classes again, four cut both in half; another size would give other numbers
    assert.deepEqual([...new Set(found.map(({ chance }) => `${chance.purity} ${chance.mutualInformation}`))].sort(), [
      "0.5 0",
      "1 1",
    ]);
    assert.ok(found.every(({ purity, mutualInformation }) => purity === 1 && mutualInformation === 1));
    assert.deepEqual(pairs, Int32Array.of(4, 4, 9, 9));
  });

  it("is the same for a seed, and another for another", () => {
    const [clusters, classes] = [drawn("clusters"), drawn("classes")];
    assert.deepEqual(agreementOf(clusters, classes, 3), agreementOf(clusters, classes, 3));
    const found = Array.from({ length: 8 }, (_, seed) => agreementOf(clusters, classes, seed).chance.mutualInformation);
    assert.ok(new Set(found).size > 1); // two may meet in as many pairs
  });

  it("is nothing for small clusters that have nothing to do with the classes, which agree all the same", () => {
    const agreement = agreementOf(drawn("clusters"), drawn("classes"), 0);
    assert.ok(agreement.mutualInformation > 0.6);
    const { purity, mutualInformation } = beyondChance(agreement);
    assert.ok(Math.abs(purity) < 0.03 && Math.abs(mutualInformation) < 0.03);
  });
});

/** 2000 rows of 400 groups. */
function drawn(name: string): Int32Array {
  const random = stream("agreement", name);
  return Int32Array.from({ length: 2000 }, () => random.integer(400));
}
