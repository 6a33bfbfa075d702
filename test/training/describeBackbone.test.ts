import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DescriptorNetwork } from "../../src/cfcd/index.js";
import { ResNet, VisionTransformer, resnetSpecification, type Module } from "../../src/nn/index.js";
import { complete, type PartialConfiguration } from "../../src/training/configuration.js";
import { describeBackbone } from "../../src/training/describeBackbone.js";

function describeViT(network: PartialConfiguration["network"], side: number, channels = 3): VisionTransformer {
  const described = describeBackbone(complete({ network }).network, { side, channels });
  assert.ok(described instanceof VisionTransformer);
  return described;
}

const parameterCount = (network: Module): number =>
  network.parameterShapes().reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0);

describe("vision transformers by their names in a configuration", () => {
  test("are those that were published", () => {
    assert.equal(parameterCount(describeViT({ kind: "vit-t", embedding: 512 }, 112)), 19_137_792);
    assert.equal(parameterCount(describeViT({ kind: "unicom-vit-b32", embedding: 512 }, 224)), 116_723_200);
    assert.equal(parameterCount(describeViT({ kind: "unicom-vit-b16", embedding: 768 }, 224)), 201_967_872);
    assert.deepEqual(
      [
        describeViT({ kind: "vit-l" }, 112).specification,
        describeViT({ kind: "unicom-vit-l14-336" }, 336).specification,
      ].map(({ width, dropPath, maskRate }) => [width, dropPath, maskRate]),
      [
        [768, 0.05, 0.05],
        [1024, 0.1, 0],
      ],
    );
  });

  test("take the rates that are given, and the small one its sizes too", () => {
    const { specification } = describeViT({ kind: "vit-t", vit: { dropPath: 0, maskRate: 0.25 } }, 112);
    assert.deepEqual([specification.dropPath, specification.maskRate], [0, 0.25]);
    const small = describeViT(
      { kind: "small-vit", embedding: 32, vit: { patch: 7, width: 24, depth: 2, heads: 3 } },
      28,
      1,
    );
    assert.equal(small.tokens, 16);
    assert.equal(small.embedding, 32);
    assert.equal(small.specification.maskRate, 0);
  });

  test("refuse images of another size, and a rate that they have no token for", () => {
    assert.throws(
      () => describeViT({ kind: "vit-s" }, 28, 1),
      /vit-s is published for 3 channels and 112 pixels; the images have 1 and 28/,
    );
    assert.throws(() => describeViT({ kind: "unicom-vit-l14" }, 112), /3 channels and 224 pixels/);
    assert.throws(() => describeViT({ kind: "unicom-vit-b32", vit: { maskRate: 0.1 } }, 224), /mask token/);
    assert.throws(() => complete({ network: { kind: "vit-t", dropout: 0.4 } }), /vit-t has none; given 0\.4/);
  });
});

function describeDescriptor(network: PartialConfiguration["network"], channels = 3): DescriptorNetwork {
  const described = describeBackbone(complete({ network }).network, { side: 32, channels });
  assert.ok(described instanceof DescriptorNetwork);
  return described as DescriptorNetwork;
}

describe("CFCD's networks by their names in a configuration", () => {
  test("are the published backbones under the descriptor: a linear layer and a batch norm", () => {
    for (const depth of [50, 101] as const) {
      const described = describeDescriptor({ kind: `resnet${depth}`, embedding: 512 });
      const head = 2048 * 512 + 512 + 2 * 512;
      assert.equal(parameterCount(described), parameterCount(new ResNet(resnetSpecification({ depth }))) + head);
      assert.equal(described.embedding, 512);
    }
  });

  test("take the power of the mean, and the small one its sizes too", () => {
    const shapeOf = (network: PartialConfiguration["network"]) => {
      const described = describeDescriptor({ kind: "small-resnet", widths: [4, 8], blocks: [1, 2], ...network }, 1);
      assert.ok(described.backbone instanceof ResNet);
      const { stem, strides, widths, blocks } = described.backbone.specification;
      return { stem: [stem.width, stem.stride], strides, widths, blocks, learned: described.pooling.p !== undefined };
    };
    const usual = { stem: [4, 1], strides: [2, 2], widths: [4, 8], blocks: [1, 2], learned: false };
    assert.deepEqual(shapeOf({}), usual);
    const resnet = { power: 2, learnPower: true, lastStride: 1 };
    assert.deepEqual(shapeOf({ stemStride: 2, resnet }), { ...usual, stem: [4, 2], strides: [2, 1], learned: true });
  });

  test("refuse a dropout that they do not have, and a power below the mean's", () => {
    assert.throws(() => complete({ network: { kind: "resnet50", dropout: 0.4 } }), /resnet50 has none; given 0\.4/);
    assert.throws(() => complete({ network: { kind: "small-resnet", dropout: 0.4 } }), /small-resnet has none/);
    assert.throws(() => complete({ network: { resnet: { power: 0.5 } } }), /network\.resnet\.power/);
    assert.equal(complete({ network: { kind: "iresnet50", dropout: 0.4 } }).network.dropout, 0.4);
  });
});
