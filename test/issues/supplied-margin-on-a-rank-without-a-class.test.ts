/** With fewer classes than ranks, the fused path asked a rank without a class for its first center, where the margin is supplied. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parameter } from "../../src/autograd/index.js";
import { madaCos } from "../../src/cfcd/index.js";
import { PartialFC } from "../../src/pfc/index.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

test("a margin is supplied on the fused path where a rank has no class", () => {
  const engine = new ReferenceEngine("float64");
  const group = new InProcessRanks(engine, 3);
  const sizes = { classes: 2, embedding: 2, ratio: 1, seed: 1, path: "fused" } as const;
  const heads = group.communicators.map((communicator) => {
    return new PartialFC(engine, { ...sizes, margin: madaCos(), communicator });
  });
  const losses = group.run(({ rank }) => {
    heads[rank].centers.clear();
    const x = parameter(engine.tensor([1, rank], [1, 2]));
    return heads[rank].loss(x, Int32Array.of(rank % 2), 0).dataSync()[0];
  });
  assert.ok(Number.isFinite(losses[0]));
  assert.deepEqual(losses, [losses[0], losses[0], losses[0]]);
});
