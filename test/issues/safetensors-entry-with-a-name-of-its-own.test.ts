/**
 * Safetensors headers: an entry that held a "name" of its own took that name, so that a tensor could hide another or be called 5;
 * "__metadata__": null ended in a TypeError; bytes that are no UTF-8 were read leniently, two names as the same.
 */
import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSafetensors } from "../../src/training/safetensors.node.js";

async function fileWith(header: string | Uint8Array): Promise<string> {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const path = join(await mkdtemp(join(tmpdir(), "pfc-issue-")), "a.safetensors");
  await writeFile(path, Buffer.concat([length, text, Buffer.alloc(4)]));
  return path;
}

test("a tensor has the name under which it stands", async () => {
  const path = await fileWith('{"x":{"name":"y","dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
  const file = await openSafetensors(path);
  await file.close();
  assert.deepEqual([...file.tensors.keys()], ["x"]);
});

test("metadata that are no object are refused with the file's name", async () => {
  for (const metadata of ["null", "[]", '"text"']) {
    const path = await fileWith(`{"__metadata__":${metadata},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`);
    await assert.rejects(openSafetensors(path), {
      message: `${path}: damaged header at byte 8: "__metadata__" must map names to text.`,
    });
  }
});

test("a header that is no UTF-8 is refused", async () => {
  const header = Buffer.from('{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
  header[2] = 0xff;
  await assert.rejects(openSafetensors(await fileWith(header)), /damaged header at byte 8: the header is not UTF-8/);
});
