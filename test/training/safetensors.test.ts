import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSafetensors, writeSafetensors, type TensorSource } from "../../src/training/safetensors.node.js";

const sources: TensorSource[] = [
  { name: "weight", dtype: "F32", shape: [2, 3], chunks: () => [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6.5)] },
  { name: "scalar", dtype: "F64", shape: [], chunks: () => [Float64Array.of(Math.PI)] },
  { name: "empty", dtype: "F32", shape: [0, 4], chunks: () => [] },
];

async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "pfc-safetensors-"));
}

/** A file built byte by byte from the format's description, independent of the writer. */
function build(header: string, data: number[]): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.from(Float32Array.from(data).buffer)]);
}

test("what is written is read back, by whole tensors and by ranges", async () => {
  const path = join(await folder(), "a.safetensors");
  await writeSafetensors(path, sources, { step: "7" });
  const file = await openSafetensors(path);
  assert.deepEqual(file.metadata, { step: "7" });
  assert.deepEqual([...file.tensors.keys()].sort(), ["empty", "scalar", "weight"]);
  assert.deepEqual(await file.tensors.get("weight")?.read(), Float32Array.of(1, 2, 3, 4, 5, 6.5));
  assert.deepEqual(await file.tensors.get("weight")?.read(3, 2), Float32Array.of(4, 5));
  assert.deepEqual(await file.tensors.get("scalar")?.read(), Float64Array.of(Math.PI));
  assert.equal((await file.tensors.get("empty")?.read())?.length, 0);
  await file.close();
});

test("a file laid out by hand is read", async () => {
  const path = join(await folder(), "hand.safetensors");
  await writeFile(path, build('{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', [0.5, -2]));
  const file = await openSafetensors(path);
  assert.deepEqual(await file.tensors.get("x")?.read(), Float32Array.of(0.5, -2));
  await file.close();
});

test("whole numbers, as PyTorch counts batches, are read as numbers", async () => {
  const path = join(await folder(), "counters.safetensors");
  const header = Buffer.from(
    '{"bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"x":{"dtype":"I64","shape":[2],"data_offsets":[8,24]}}',
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeFile(
    path,
    Buffer.concat([length, header, Buffer.from(BigInt64Array.of(450_450n, -3n, 1n << 40n).buffer)]),
  );
  const file = await openSafetensors(path);
  assert.deepEqual(await file.tensors.get("bn.num_batches_tracked")?.read(), Float64Array.of(450_450));
  assert.deepEqual(await file.tensors.get("x")?.read(), Float64Array.of(-3, 2 ** 40));
  assert.deepEqual(await file.tensors.get("x")?.read(1), Float64Array.of(2 ** 40));
  await file.close();
});

test("the header's length is a multiple of eight, so that data is aligned", async () => {
  const path = join(await folder(), "a.safetensors");
  await writeSafetensors(path, sources, {});
  assert.equal(Number((await readFile(path)).readBigUInt64LE(0)) % 8, 0);
});

test("a failed write leaves the earlier file and no temporary one", async () => {
  const path = join(await folder(), "a.safetensors");
  await writeSafetensors(path, sources, { step: "1" });
  const before = await readFile(path);
  const short: TensorSource = { name: "w", dtype: "F32", shape: [5], chunks: () => [Float32Array.of(1)] };
  await assert.rejects(writeSafetensors(path, [short], {}), /needs 5 elements, but 1 came.*untouched/);
  assert.deepEqual(await readFile(path), before);
  assert.deepEqual(await readdir(join(path, "..")), ["a.safetensors"]);
});

const damages: [what: string, bytes: Buffer, message: RegExp][] = [
  ["an empty file", Buffer.alloc(0), /0 bytes.*byte 0/],
  ["random text", Buffer.from("this is no checkpoint at all"), /byte 0 announces/],
  ["a header that is no JSON", build("{nonsense", []), /damaged header at byte 8/],
  ["a header that is a list", build("[1]", []), /not an object/],
  ["an unknown dtype", build('{"x":{"dtype":"I7","shape":[1],"data_offsets":[0,4]}}', [1]), /"x" is not/],
  ["a negative extent", build('{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', [1]), /"x" is not/],
  [
    "offsets that do not fit the shape",
    build('{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', [1]),
    /should take bytes/,
  ],
  ["a hole", build('{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', [1, 2]), /should take bytes/],
  [
    "an overlap",
    build(
      '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      [1],
    ),
    /should take bytes/,
  ],
  ["bytes too many", build('{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', [1, 2]), /but the file has/],
  ["a truncated end", build('{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}', [1]), /but the file has/],
];

for (const [what, bytes, message] of damages) {
  test(`${what} is refused with the file's name and the place`, async () => {
    const path = join(await folder(), "damaged.safetensors");
    await writeFile(path, bytes);
    await assert.rejects(
      openSafetensors(path),
      (error: Error) => message.test(error.message) && error.message.includes(path),
    );
  });
}
