import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mapAtK } from "../../src/evaluation/mapAtK.js";

describe("mapAtK", () => {
  // by cosine from (1, 0): 0 (class 1), 1 (class 2), 2 (class 1), 3 (class 1)
  const gallery = { embeddings: Float64Array.of(2, 0, 2, 1, 1, 1, 0, 9), labels: [1, 2, 1, 1] };
  const query = { embeddings: Float64Array.of(1, 0), labels: [1], embedding: 2 };

  it("takes precision at the ranks of the relevant images", async () => {
    assert.deepEqual(await mapAtK({ ...query, gallery }), {
      map: (1 + 2 / 3 + 3 / 4) / 3,
      queries: 1,
      leftOut: 0,
      zeroEmbeddings: 0,
    });
  });

  it("looks at the first K only, and expects no more than K", async () => {
    assert.equal((await mapAtK({ ...query, gallery, limit: 2 })).map, 1 / 2);
  });

  it("ranks by inner product when asked, where length counts", async () => {
    // (1, 1) with 2, 3, 2, 9: 3, 1, 0, 2
    const asked = { ...query, embeddings: Float64Array.of(1, 1), gallery };
    assert.equal((await mapAtK({ ...asked, by: "product" })).map, (1 + 2 / 3 + 3 / 4) / 3);
    // cosines 1, 3/√5, 2/√2 and 1, over √2: 2, 1, 0, 3
    assert.equal((await mapAtK({ ...asked, by: "cosine" })).map, (1 + 2 / 3 + 3 / 4) / 3);
    assert.equal((await mapAtK({ ...asked, limit: 1, labels: [2], by: "product" })).map, 0);
  });

  it("ranks the others when a set is its own gallery, and leaves out and counts who has nothing to find", async () => {
    // 0: 1 2 3, 2: 1 0 3 (cosines .949, .707, .707), 3: 2 1 0; the relevant ones of class 1 are the two others
    const { map, queries, leftOut } = await mapAtK({ ...gallery, embedding: 2 });
    const [of0, of2, of3] = [(1 / 2 + 2 / 3) / 2, (1 / 2 + 2 / 3) / 2, (1 + 2 / 3) / 2];
    assert.equal(map, (of0 + of2 + of3) / 3);
    assert.deepEqual([queries, leftOut], [3, 1]);
  });

  it("says what is wrong with its input", async () => {
    await assert.rejects(mapAtK({ ...query, gallery, limit: 0 }), /K is a whole number ≥ 1, given 0/);
    await assert.rejects(
      mapAtK({ ...query, gallery, labels: [5] }),
      /none of 1 queries finds its class among 4 images/,
    );
    await assert.rejects(
      mapAtK({ ...query, gallery: { ...gallery, labels: [1] } }),
      /labels of the gallery: .* given 1/,
    );
  });
});
