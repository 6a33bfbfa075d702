import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, configurationSchema, type PartialConfiguration } from "../../src/training/configuration.js";

test("a complete configuration survives JSON and completion unchanged", () => {
  for (const name of ["builtin", "omniglot", "glyphs"] as const) {
    const configuration = complete({ dataset: { name } });
    assert.deepEqual(complete(JSON.parse(JSON.stringify(configuration)) as PartialConfiguration), configuration);
  }
});

test("given settings are laid over the preset, level by level", () => {
  const { head, dataset } = complete({ dataset: { name: "omniglot" }, head: { margin: { scale: 64 } } });
  assert.equal(head.margin.scale, 64);
  assert.equal(head.margin.kind, "cosface");
  assert.equal(dataset.rotations, true);
});

const faults: [what: string, given: unknown, message: RegExp][] = [
  ["a ratio above one", { head: { ratio: 1.5 } }, /head\.ratio/],
  ["a negative ratio", { head: { ratio: -0.1 } }, /head\.ratio/],
  ["an unknown data set", { dataset: { name: "faces" } }, /"faces".*builtin, omniglot, glyphs/],
  ["an unknown setting", { head: { ratoi: 0.1 } }, /head.*ratoi/],
  ["an unknown engine", { engine: "cuda" }, /engine/],
  ["text for a number", { batch: "many" }, /batch/],
  ["a batch of zero", { batch: 0 }, /batch/],
  ["stages that disagree", { network: { widths: [8, 16], blocks: [1] } }, /2 stages.*1/],
];

for (const [what, given, message] of faults) {
  test(`${what} is refused in one sentence that names the setting`, () => {
    assert.throws(
      () => complete(given as PartialConfiguration),
      (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes("\n"));
        return true;
      },
    );
  });
}

test("zero and text are seeds like any other", () => {
  assert.equal(complete({ seed: 0 }).seed, 0);
  assert.equal(complete({ seed: "faces" }).seed, "faces");
  assert.ok(configurationSchema.shape.seed.safeParse(-1).success);
});
