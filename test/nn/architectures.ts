/** Manifests of the public implementations: parameter counts, names and shapes (test/golden/architectures.json). */
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";
import type { Module } from "../../src/nn/module.js";
import { sizeOf } from "../../src/tensor/shape.js";

interface Manifest {
  readonly parameters: number;
  readonly trainable: number;
  readonly tensors: number;
  readonly buffers: number;
  readonly param_shapes?: readonly (readonly [name: string, shape: readonly number[]])[];
}

interface Fixture {
  readonly cases: readonly { readonly name: string; readonly outputs: unknown }[];
}

const fixture = JSON.parse(
  readFileSync(new URL("../golden/architectures.json", import.meta.url), "utf8"),
) as unknown as Fixture;

/** Compares a described network (no memory needed) with the manifest `s_manifest_<name>`. */
export function assertManifest(module: Module, name: string): void {
  const found = fixture.cases.find((entry) => entry.name === `s_manifest_${name}`);
  assert.ok(found, `no manifest ${name}`);
  const expected = found.outputs as Manifest;
  const shapes = module.parameterShapes();
  const count = (entries: readonly { shape: readonly number[] }[]): number =>
    entries.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  assert.equal(count(shapes), expected.parameters, "parameters");
  assert.equal(count(shapes.filter(({ trainable }) => trainable)), expected.trainable, "trainable");
  assert.equal(shapes.length, expected.tensors, "tensors");
  assert.equal(count(module.bufferShapes()), expected.buffers, "buffers");
  if (expected.param_shapes) {
    assert.deepEqual(
      shapes.map(({ name, shape }) => [name, shape]),
      expected.param_shapes,
    );
  }
}
