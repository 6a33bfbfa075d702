/** Safetensors files: what is written is what is read, whatever the names, shapes and values, and in whatever chunks it comes. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import fc from "fast-check";
import type { FloatArray } from "../../src/tensor/engine.js";
import { sizeOf } from "../../src/tensor/shape.js";
import {
  openSafetensors,
  writeSafetensors,
  type StoredType,
  type TensorSource,
} from "../../src/training/safetensors.node.js";
import { shapes } from "../arbitraries/shapes.js";
import { property } from "../property.js";

const folder = mkdtempSync(join(tmpdir(), "safetensors-laws-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "a.safetensors");

interface Content {
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  readonly values: FloatArray;
  /** Elements of a chunk. */
  readonly chunk: number;
}

/** Names that JavaScript objects treat in ways of their own are names like any other. */
const names = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("__proto__", "constructor", "toString", "", "7", "name", "dtype", 'quote"', "\0"),
  },
);

const contents: fc.Arbitrary<Content[]> = fc.uniqueArray(
  fc
    .tuple(names, fc.constantFrom<StoredType>("F32", "F64"), shapes({ minExtent: 0 }), fc.integer({ min: 1, max: 50 }))
    .chain(([name, dtype, shape, chunk]) => {
      const size = sizeOf(shape);
      // every bit pattern is a value: NaN, infinities, -0 and subnormal numbers too
      const bytes = fc.uint8Array({ minLength: 8 * size, maxLength: 8 * size, size: "max" });
      return bytes.map((bits) => {
        const values = dtype === "F32" ? new Float32Array(bits.buffer, 0, size) : new Float64Array(bits.buffer);
        return { name, dtype, shape, values, chunk };
      });
    }),
  { selector: ({ name }) => name, maxLength: 6 },
);
const metadata = fc.dictionary(names, fc.string({ maxLength: 20 }), { maxKeys: 4 });

function sourceOf({ name, dtype, shape, values, chunk }: Content): TensorSource {
  const chunks = function* (): Generator<FloatArray> {
    for (let start = 0; start < values.length; start += chunk) yield values.slice(start, start + chunk);
  };
  return { name, dtype, shape, chunks };
}

/** The bytes of the elements: NaN equals NaN, and 0 differs from -0. */
function bytesOf(values: FloatArray): Buffer {
  return Buffer.from(values.slice().buffer);
}

describe("safetensors", () => {
  property(
    "what is written is read back bit for bit, with its metadata",
    [contents, metadata],
    async (tensors, texts) => {
      await writeSafetensors(path, tensors.map(sourceOf), texts);
      const file = await openSafetensors(path);
      try {
        assert.deepEqual(Object.entries(file.metadata).sort(), Object.entries(texts).sort());
        assert.deepEqual([...file.tensors.keys()].sort(), tensors.map(({ name }) => name).sort());
        for (const { name, dtype, shape, values } of tensors) {
          const stored = file.tensors.get(name)!;
          assert.equal(stored.dtype, dtype);
          assert.deepEqual(stored.shape, shape);
          assert.deepEqual(bytesOf(await stored.read()), bytesOf(values));
        }
      } finally {
        await file.close();
      }
    },
  );

  property(
    "any range of a tensor is that part of the whole",
    [contents.filter((tensors) => tensors.length > 0), fc.nat(), fc.nat()],
    async (tensors, from, count) => {
      await writeSafetensors(path, tensors.map(sourceOf), {});
      const file = await openSafetensors(path);
      try {
        for (const { name, values } of tensors) {
          const start = from % (values.length + 1);
          const length = count % (values.length - start + 1);
          const part = await file.tensors.get(name)!.read(start, length);
          assert.deepEqual(bytesOf(part), bytesOf(values.slice(start, start + length)));
        }
      } finally {
        await file.close();
      }
    },
  );

  property(
    "the bytes depend on the values alone, not on the chunks in which they come",
    [contents, fc.integer({ min: 1, max: 50 })],
    async (tensors, chunk) => {
      await writeSafetensors(path, tensors.map(sourceOf), {});
      const bytes = readFileSync(path);
      await writeSafetensors(
        path,
        tensors.map((content) => sourceOf({ ...content, chunk })),
        {},
      );
      assert.ok(readFileSync(path).equals(bytes));
    },
  );

  property(
    "a name that is taken is refused, and the earlier file stays",
    [contents.filter((tensors) => tensors.length > 0), fc.boolean()],
    async (tensors, reserved) => {
      await writeSafetensors(path, tensors.map(sourceOf), {});
      const bytes = readFileSync(path);
      const again = { ...tensors[0], name: reserved ? "__metadata__" : tensors[0].name };
      await assert.rejects(writeSafetensors(path, [...tensors, again].map(sourceOf), {}), /is taken\); what was there/);
      assert.ok(readFileSync(path).equals(bytes));
    },
    { runs: 30 },
  );
});
