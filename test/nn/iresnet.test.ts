import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IResNet, iresnetSpecification, type IResNetDepth } from "../../src/nn/iresnet.js";
import { assertManifest } from "./architectures.js";

describe("IResNet", () => {
  for (const depth of [18, 34, 50, 100, 200] as const) {
    it(`has the parameters of the published network at depth ${depth}`, () => {
      assertManifest(new IResNet(iresnetSpecification({ depth })), `iresnet${depth}`);
    });
  }

  it("names the depths that exist", () => {
    assert.throws(() => iresnetSpecification({ depth: 20 as IResNetDepth }), /18, 34, 50, 100, 200; given 20/);
  });

  it("follows another image size in the last linear layer only", () => {
    const shapes = (side: number): Map<string, readonly number[]> =>
      new Map(
        new IResNet(iresnetSpecification({ depth: 18, input: { side } }))
          .parameterShapes()
          .map(({ name, shape }) => [name, shape]),
      );
    const published = shapes(112);
    // 60 → 30 → 15 → 8 → 4: a 3×3 kernel with padding 1 and stride 2 rounds up
    for (const [name, shape] of shapes(60)) {
      assert.deepEqual(shape, name === "fc.weight" ? [512, 512 * 4 * 4] : published.get(name), name);
    }
  });

  it("fixes the last batch norm's scale, unless told to train it; names and shapes stay", () => {
    const parameters = (trainedScale?: boolean) =>
      new IResNet({ ...iresnetSpecification({ depth: 18 }), trainedScale }).parameterShapes();
    const scale = (trainedScale?: boolean) =>
      parameters(trainedScale).find(({ name }) => name === "features.weight")?.trainable;
    assert.deepEqual([scale(), scale(false), scale(true)], [false, false, true]);
    const plain = (trainedScale: boolean) => parameters(trainedScale).map(({ name, shape }) => [name, ...shape]);
    assert.deepEqual(plain(true), plain(false));
  });

  it("has squeeze and excitation in every block or in none", () => {
    const gates = (squeeze?: number) =>
      new IResNet({ ...iresnetSpecification({ depth: 34 }), squeeze })
        .parameterShapes()
        .filter(({ name }) => name.endsWith("se_block.fc2.weight")).length;
    assert.deepEqual([gates(), gates(16)], [0, 3 + 4 + 6 + 3]);
  });
});
