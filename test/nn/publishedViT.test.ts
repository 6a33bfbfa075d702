import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  partialFcViTSpecification,
  unicomViTSpecification,
  type PartialFcViTSize,
  type UnicomViTModel,
} from "../../src/nn/publishedViT.js";
import { VisionTransformer } from "../../src/nn/visionTransformer.js";
import { assertManifest } from "./architectures.js";

describe("published vision transformers", () => {
  for (const size of ["t", "s", "b", "l"] as const) {
    it(`has the parameters of Partial FC's ViT-${size.toUpperCase()}`, () => {
      assertManifest(new VisionTransformer(partialFcViTSpecification({ size })), `vit_${size}`);
    });
  }

  for (const model of ["ViT-B/32", "ViT-B/16"] as const) {
    it(`has the parameters of Unicom's ${model}`, () => {
      assertManifest(new VisionTransformer(unicomViTSpecification({ model })), `unicom_${model.replace("/", "_")}`);
    });
  }

  it("has those that were not recorded by the same rule: 48 blocks of width 1024; 24 on 256 and on 576 tokens", () => {
    /** Counted by hand: patches, blocks, norm, head. */
    const count = (
      width: number,
      depth: number,
      tokens: number,
      patch: number,
      embedding: number,
      mask: number,
    ): number =>
      (tokens + mask) * width +
      (3 * patch ** 2 + 1) * width +
      depth * (12 * width ** 2 + 10 * width) +
      2 * width +
      (tokens * width ** 2 + 2 * width + width * embedding + 2 * embedding);
    const found = [
      partialFcViTSpecification({ size: "h" }),
      unicomViTSpecification({ model: "ViT-L/14" }),
      unicomViTSpecification({ model: "ViT-L/14@336" }),
    ].map((specification) =>
      new VisionTransformer(specification)
        .parameterShapes()
        .reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0),
    );
    assert.deepEqual(found, [
      count(1024, 48, 144, 9, 512, 1),
      count(1024, 24, 256, 14, 768, 0),
      count(1024, 24, 576, 14, 768, 0),
    ]);
  });

  it("names what exists", () => {
    assert.throws(
      () => partialFcViTSpecification({ size: "xl" as PartialFcViTSize }),
      /size must be one of t, s, b, l, h; given xl/,
    );
    assert.throws(
      () => unicomViTSpecification({ model: "ViT-S/16" as UnicomViTModel }),
      /model must be one of ViT-B\/32, .*; given ViT-S\/16/,
    );
    assert.throws(() => partialFcViTSpecification({ size: "toString" as PartialFcViTSize }), /given toString/);
  });
});
