import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { DescriptorNetwork } from "../../src/cfcd/index.js";
import { ResNet, type ResNetSpecification, type StoredValues } from "../../src/nn/index.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { sizeOf, type Shape } from "../../src/tensor/shape.js";
import { openSafetensors, writeSafetensors } from "../../src/training/safetensors.node.js";

const folder = await mkdtemp(path.join(os.tmpdir(), "torchvision-"));
after(() => rm(folder, { recursive: true }));

/** The published layout with one narrow bottleneck a stage. */
const tiny: ResNetSpecification = {
  channels: 3,
  stem: { width: 4, kernel: 7, stride: 2, pool: true },
  block: "bottleneck",
  widths: [8, 12],
  blocks: [1, 1],
  strides: [1, 2],
};

/** Names and shapes as torchvision writes them, by hand. */
const norm = (name: string, channels: number): [string, Shape][] => [
  [`${name}.weight`, [channels]],
  [`${name}.bias`, [channels]],
  [`${name}.running_mean`, [channels]],
  [`${name}.running_var`, [channels]],
  [`${name}.num_batches_tracked`, []],
];
const block = (name: string, [from, inner, to]: readonly [number, number, number]): [string, Shape][] => [
  [`${name}.conv1.weight`, [inner, from, 1, 1]],
  ...norm(`${name}.bn1`, inner),
  [`${name}.conv2.weight`, [inner, inner, 3, 3]],
  ...norm(`${name}.bn2`, inner),
  [`${name}.conv3.weight`, [to, inner, 1, 1]],
  ...norm(`${name}.bn3`, to),
  [`${name}.downsample.0.weight`, [to, from, 1, 1]],
  ...norm(`${name}.downsample.1`, to),
];
const published: readonly [string, Shape][] = [
  ["conv1.weight", [4, 3, 7, 7]],
  ...norm("bn1", 4),
  ...block("layer1.0", [4, 2, 8]),
  ...block("layer2.0", [8, 3, 12]),
  ["fc.weight", [5, 12]],
  ["fc.bias", [5]],
];

/** Tensor k holds k, k + 1/64, …: every number tells where it belongs. */
const valuesOf = (position: number, shape: Shape): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, (_, i) => position + i / 64);

async function stored(file: string, entries: readonly [string, Shape][]): Promise<Map<string, StoredValues>> {
  const where = path.join(folder, file);
  const sources = entries.map(([name, shape], position) => ({
    ...{ name, shape, dtype: "F32" as const },
    chunks: () => [valuesOf(position, shape)],
  }));
  await writeSafetensors(where, sources, {});
  const opened = await openSafetensors(where);
  const values = new Map<string, StoredValues>();
  for (const [name, tensor] of opened.tensors) values.set(name, { shape: tensor.shape, data: await tensor.read() });
  await opened.close();
  return values;
}

function assertLoaded(network: ResNet, withClassifier: boolean): void {
  const expected = published
    .map(([name, shape], position) => [name, [...valuesOf(position, shape)]] as const)
    .filter(([name]) => !name.endsWith("num_batches_tracked") && (withClassifier || !name.startsWith("fc.")));
  const found = new Map([...network.stateDictionary()].map(([name, tensor]) => [name, [...tensor.dataSync()]]));
  assert.deepEqual(found, new Map(expected));
}

describe("weights with torchvision's names, from a safetensors file", () => {
  const engine = new ReferenceEngine("float32");

  it("fill a network with a classifier whole, counters of batches left aside", async () => {
    const network = new ResNet({ ...tiny, classes: 5 }).allocate(engine, 0);
    network.loadStateDictionary(await stored("whole.safetensors", published));
    assertLoaded(network, true);
    network.dispose();
  });

  it("fill the backbone of a descriptor network, with or without fc, and leave its own layers alone", async () => {
    for (const hasClassifier of [true, false]) {
      const entries = hasClassifier ? published : published.filter(([name]) => !name.startsWith("fc."));
      const make = () =>
        new DescriptorNetwork({ backbone: new ResNet(tiny), mapChannels: 12, embedding: 5 }).allocate(engine, 1);
      const [network, untouched] = [make(), make()];
      network.backbone.loadStateDictionary(await stored("backbone.safetensors", entries));
      assertLoaded(network.backbone, false);
      for (const name of ["fc.weight", "fc.bias", "bn.weight"]) {
        const [own, before] = [network, untouched].map((of) => [...of.stateDictionary().get(name)!.dataSync()]);
        assert.deepEqual(own, before, name);
      }
      for (const made of [network, untouched]) made.dispose();
    }
  });

  it("are refused by name where they are of another network", async () => {
    const network = new ResNet({ ...tiny, classes: 5 }).allocate(engine, 0);
    const renamed = published.map(([name, shape]): [string, Shape] => [name.replace("layer2", "stage2"), shape]);
    const before = [...network.stateDictionary().get("conv1.weight")!.dataSync()];
    const strange = await stored("strange.safetensors", renamed);
    assert.throws(
      () => network.loadStateDictionary(strange),
      /missing: layer2\.0\.conv1\.weight.*unexpected: stage2\.0\.conv1\.weight/,
    );
    const headless = await stored("headless.safetensors", published.slice(0, -2));
    assert.throws(() => network.loadStateDictionary(headless), /2 missing: fc\.weight, fc\.bias/);
    assert.deepEqual([...network.stateDictionary().get("conv1.weight")!.dataSync()], before);
    network.dispose();
  });
});
