import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openFolders } from "../../src/data/openFolders.node.js";
import { IDENTITIES, SIDE, writeFolders } from "./facesOnDisk.js";

const OPTIONS = { side: SIDE, holdOut: false, testShare: 0.25 };

describe("a set of folders", () => {
  let root: string;
  let sound: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "open-folders-"));
    sound = join(root, "sound");
    await writeFolders(sound);
  });
  after(() => rm(root, { recursive: true }));

  it("keeps a share of the classes for the test, 500 at most, and as many for validation when asked to", async () => {
    const { train, test } = await openFolders(sound, OPTIONS);
    assert.deepEqual([train.classes, test.classes], [IDENTITIES - 3, 3]);
    const held = await openFolders(sound, { ...OPTIONS, holdOut: true });
    assert.deepEqual(held.test.columns.class, test.columns.class);
    assert.deepEqual([held.train.classes, held.validation!.classes], [IDENTITIES - 5, 2]);
  });
  it("takes linked folders for folders", async () => {
    const path = await mkdtemp(join(root, "linked-"));
    for (let i = 0; i < 5; i++) await symlink(join(sound, `person ${i}`), join(path, `${i}`));
    assert.equal((await openFolders(path, OPTIONS)).train.classes, 3);
  });
  it("takes the sub-folders train and test for the parts, and then no class may be in both", async () => {
    const path = join(root, "parts");
    await cp(sound, join(path, "train"), { recursive: true });
    const shared = await openFolders(path, OPTIONS);
    assert.equal(shared.test.classes, 3); // no folder test: a share of those in train
    await mkdir(join(path, "test"));
    for (const i of [0, 1]) await rename(join(path, "train", `person ${i}`), join(path, "test", `person ${i}`));
    const { train, test } = await openFolders(path, OPTIONS);
    assert.deepEqual([train.classes, test.classes], [IDENTITIES - 2, 2]);
    await cp(join(sound, "person 0"), join(path, "train", "person 0"), { recursive: true });
    await assert.rejects(openFolders(path, OPTIONS), /"person 0" is in train and in test; rename the folder test/);
  });
  it("says what is wrong with a folder that is no set", async () => {
    const made = async (...files: string[]): Promise<string> => {
      const path = await mkdtemp(join(root, "wrong-"));
      for (const file of files) {
        await mkdir(join(path, file, ".."), { recursive: true });
        await writeFile(join(path, file), "");
      }
      return path;
    };
    const refused = async (path: string, message: RegExp): Promise<void> =>
      assert.rejects(openFolders(path, OPTIONS), message);
    await refused(join(root, "none"), /none does not exist/);
    await refused(join(sound, "person 0", "0.png"), /0\.png is not a folder/);
    await refused(await made(), /one sub-folder for each class, this one holds nothing/);
    await refused(await made("a.jpg", "b.jpg"), /this one holds 2 files and no sub-folder \(a\.jpg, …\)/);
    await refused(await made("cat/notes.txt"), /cat: a class has images \(\.jpg, .*\), this folder has none/);
    const single = ["a", "b", "c", "d", "e"].map((name) => `${name}/1.jpg`);
    await refused(await made(...single), /takes 2 classes .* 5 classes, 0 of them with two images or more/);
    await refused(
      await made("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"),
      /leaves two for training; the set has 2 classes/,
    );
    const two = ["a", "b", "c", "d", "e"].flatMap((name) => [`${name}/1.jpg`, `${name}/2.jpg`]);
    await refused(
      await made(...two),
      /a test needs two classes and 5 pairs of images of one class, these 4 images of 2 classes have 2/,
    );
  });
});
