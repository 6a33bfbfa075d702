/** A link without a target, among the images of a class, ended the command with the file system's own words: "ENOENT: …, stat '…'". */
import assert from "node:assert/strict";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { listFolder } from "../../src/data/folderFiles.node.js";

it("a link without a target, or without an end, is named in a sentence", async () => {
  for (const [target, fault] of [
    ["nowhere.png", /^Error: .*link\.png is a link, and its target does not exist\.$/],
    ["link.png", /^Error: .*link\.png is a link, and its target leads through links without end\.$/],
  ] as const) {
    const folder = await mkdtemp(join(tmpdir(), "links-"));
    await symlink(join(folder, target), join(folder, "link.png"));
    await assert.rejects(listFolder(folder), fault);
    await rm(folder, { recursive: true });
  }
});
