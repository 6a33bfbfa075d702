import assert from "node:assert/strict";
import { test } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import {
  complete,
  configurationSchema,
  listSettings,
  type PartialConfiguration,
} from "../../src/training/configuration.js";

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
  ["an unknown mode of the GPU", { engine: "gpu:foo" }, /engine must be one of .*"gpu:webasm".*, given "gpu:foo"/],
  ["half floats on a GPU", { engine: "gpu:cpu", head: { storage: "float16" } }, /storage float16.*engine is gpu:cpu/],
  ["less than no memory", { residentGigabytes: -1 }, /residentGigabytes must be at least 0, given -1/],
  ["text for a number", { batch: "many" }, /batch/],
  ["a batch of zero", { batch: 0 }, /batch/],
  ["a batch of one, which has no variance", { batch: 1 }, /batch must be at least 2, given 1/],
  ["half a batch", { batch: 8.5 }, /batch must be a whole number, given 8\.5/],
  ["a seed that is neither", { seed: 0.5 }, /seed must be a whole number or text, given 0\.5/],
  ["an unknown network", { network: { kind: "vit" } }, /network\.kind must be one of "small".*, given "vit"/],
  ["unknown names", { head: { a: 1, b: 2 } }, /head has no "a", "b"; there are ratio, /],
  ["a value for a group", { dataset: 3 }, /dataset must be an object, given 3/],
  ["an empty list", { network: { widths: [] } }, /network\.widths must be a list of at least 1, given \[\]/],
  ["a list of settings", [1, 2], /an object of settings is needed, given \[1,2\]/],
  ["nothing", null, /an object of settings is needed, given null/],
  ["a warm-up as long as the run", { steps: 10, schedule: { warmup: 10 } }, /warmup is 10 and steps is 10/],
  ["a cycle of one step", { steps: 1, schedule: { kind: "one-cycle" } }, /at least 2 steps, given 1/],
  ["an embedding that fits no memory", { network: { embedding: 1e9 } }, /embedding must be at most 65536/],
  [
    "a crop of more than the image",
    { augmentation: { crop: 1.1 } },
    /augmentation\.crop must be at most 1, given 1\.1/,
  ],
  ["negative noise", { augmentation: { colourNoise: -1 } }, /augmentation\.colourNoise must be at least 0, given -1/],
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

test("a warm-up that nobody asked for is shortened to fit a short run, and the configuration says so", () => {
  const { warmup } = complete({ steps: 100_000 }).schedule;
  assert.equal(complete({ steps: warmup + 1 }).schedule.warmup, warmup);
  assert.equal(complete({ steps: warmup }).schedule.warmup, warmup - 1);
  assert.equal(complete({ steps: 1000, schedule: { warmup: 30 } }).schedule.warmup, 30);
});

test("settings are listed by their paths", () => {
  const listed = new Map(listSettings(complete({ seed: "faces", network: { widths: [8, 16, 32] } })));
  assert.equal(listed.get("head.margin.kind"), '"cosface"');
  assert.equal(listed.get("seed"), '"faces"');
  assert.equal(listed.get("network.widths"), "[8,16,32]");
});

test("zero and text are seeds like any other", () => {
  assert.equal(complete({ seed: 0 }).seed, 0);
  assert.equal(complete({ seed: "faces" }).seed, "faces");
  assert.ok(configurationSchema.shape.seed.safeParse(-1).success);
});

test("a run keeps as much of its tables on a GPU as the engine does by itself", async () => {
  const engine = await openEngine("gpu:cpu");
  const bytes = complete({}).residentGigabytes * 2 ** 30;
  assert.ok(engine.resident.fit(bytes) && !engine.resident.fit(bytes + 1));
  await engine.close();
});
