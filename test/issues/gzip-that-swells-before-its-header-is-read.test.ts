/** To judge a container's header, 64 KiB of gzip were unzipped first: a file of 64 KB could make it 66 MB. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { gunzipIpk } from "../../src/data/readIpkFile.node.js";
import { countAllocations } from "../../property-tests/fire/allocations.js";

test("a container that swells is refused with a few megabytes", async () => {
  const bomb = gzipSync(Buffer.concat([Buffer.from("IPK1"), Buffer.alloc(60_000_000)]), { level: 9 });
  assert.ok(bomb.length < 64_000);
  const { bytes } = await countAllocations(16_000_000, async () => {
    assert.throws(() => gunzipIpk(bomb, "bomb.ipk.gz"), /at least one image, but the header says 0/);
  });
  assert.ok(bytes < 16_000_000, `${bytes} bytes`);
});
