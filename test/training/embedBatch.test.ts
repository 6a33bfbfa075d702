import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { resize } from "../../src/data/resize.js";
import { stream } from "../../src/tensor/random.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { buildBackbone } from "../../src/training/buildModel.js";
import { complete, type PartialConfiguration } from "../../src/training/configuration.js";
import { checkScales, embedBatch } from "../../src/training/embedBatch.js";
import type { Module } from "../../src/nn/index.js";

const [B, C, S, E] = [3, 3, 16, 8];
const network = { kind: "small-resnet" as const, widths: [4, 8], blocks: [1, 1], embedding: E };
const random = stream("images");
const images = Float32Array.from({ length: B * C * S * S }, () => random.uniform());

let engine: Engine;
const build = (settings: PartialConfiguration): Module =>
  buildBackbone(engine, complete(settings), { channels: C, side: S });
before(async () => {
  engine = await openEngine("reference");
});
after(async () => engine.close());

const unit = (row: number[]): number[] => row.map((value) => value / Math.hypot(...row));

describe("embeddings of several sizes", () => {
  test("are the mean of those of each size, of length one before and after", async () => {
    const backbone = build({ network });
    const scales = [0.7071, 1, 1.4142];
    const found = await embedBatch({ engine, backbone, scales }, images, [B, C, S, S]);
    for (let image = 0; image < B; image++) {
      const whole = images.subarray(image * C * S * S, (image + 1) * C * S * S);
      const mean = new Array<number>(E).fill(0);
      for (const side of [11, 16, 23]) {
        const resized = resize(whole, { channels: C, height: S, width: S }, { height: side, width: side });
        const single = await embedBatch({ engine, backbone }, resized, [1, C, side, side]);
        unit([...single]).forEach((value, e) => (mean[e] += value / scales.length));
      }
      unit(mean).forEach((value, e) => assert.ok(Math.abs(value - found[image * E + e]) < 1e-6));
    }
  });

  test("of the image's own alone are what the network gives, at length one", async () => {
    const backbone = build({ network });
    const plain = await embedBatch({ engine, backbone }, images, [B, C, S, S]);
    const found = await embedBatch({ engine, backbone, scales: [1] }, images, [B, C, S, S]);
    for (let image = 0; image < B; image++) {
      const row = unit([...plain.subarray(image * E, (image + 1) * E)]);
      row.forEach((value, e) => assert.ok(Math.abs(value - found[image * E + e]) < 1e-6));
    }
  });

  test("need numbers that make sense, and a network that takes any size, with quality or without", () => {
    checkScales([0.5, 1], build({ network }), "small-resnet");
    checkScales([0.5, 1], build({ network, quality: { variant: "simultaneous" } }), "small-resnet");
    for (const scales of [[], [0], [-1], [NaN], [14142]]) {
      assert.throws(
        () => checkScales(scales, build({ network }), "small-resnet"),
        /one number or more above 0 and up to 8/,
      );
    }
    const other = build({ network: { ...network, kind: "small" } });
    assert.throws(() => checkScales([1], other, "small"), /need a network that takes any size .*; small takes the one/);
  });
});
