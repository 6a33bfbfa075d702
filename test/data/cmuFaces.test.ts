import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { CMU_FACES, CMU_FACES_FILE, cmuFaces } from "../../src/data/cmuFaces.js";
import { openCmuFaces } from "../../src/data/openCmuFaces.node.js";
import { readIpk } from "../../src/data/readIpk.js";
import { imageOf, ipkBytes } from "./miniatures.js";

/** Brightness tells the place: row and column can be read off each pixel. */
const sample = (image: number, _channel: number, row: number, column: number): number =>
  image === 0 ? row * 4 : column * 3;
const labels = [
  [0, 0, 3, 1],
  [1, 3, 0, 0],
];
const miniature = { height: 60, width: 64, channels: 1, bits: 8, labels, sample };
const opened = (changes: object = {}): ReturnType<typeof readIpk> =>
  readIpk(ipkBytes({ ...miniature, ...changes }), "faces");

describe("the CMU faces", () => {
  it("are the head, or the middle square, and know person, pose, expression and eyes", () => {
    const head = cmuFaces(opened(), { side: 36 });
    assert.deepEqual([head.count, head.height, head.width, head.channels, head.classes], [2, 36, 36, 1, 2]);
    assert.deepEqual(head.labels, Int32Array.of(0, 1));
    assert.deepEqual(head.columns, {
      person: Int32Array.of(0, 1),
      pose: Int32Array.of(0, 3),
      expression: Int32Array.of(3, 0),
      eyes: Int32Array.of(1, 0),
    });
    const level = (values: number[]): number[] => values.map((value) => Math.round(255 * value));
    assert.deepEqual(
      level(imageOf(head, 0)),
      Array.from({ length: 36 * 36 }, (_, at) => (8 + Math.floor(at / 36)) * 4),
    );
    assert.deepEqual(
      level(imageOf(head, 1)),
      Array.from({ length: 36 * 36 }, (_, at) => (14 + (at % 36)) * 3),
    );
    const whole = cmuFaces(opened(), { side: 30, part: "whole" });
    // two rows 4 levels apart become one: their mean; two columns 3 levels apart: halves are rounded up
    assert.deepEqual(
      level(imageOf(whole, 0)),
      Array.from({ length: 900 }, (_, at) => Math.floor(at / 30) * 8 + 2),
    );
    imageOf(whole, 1).forEach((value, at) => assert.ok(Math.abs(255 * value - ((at % 30) * 6 + 7.5)) < 0.51));
  });
  it("are told from other files", () => {
    assert.throws(() => cmuFaces(opened({ height: 20, width: 20 })), /faces: CMU faces are 60x64x1, .* 20x20x1/);
    assert.throws(
      () => cmuFaces(opened({ labels: [[0, 4, 0, 0]] })),
      /faces: pose lies in 0 \.\. 3, but image 0 has 4/,
    );
    assert.throws(() => cmuFaces(opened({ labels: [[0, 4]] })), /4 label columns/);
  });
  it("are opened from a folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cmu-faces-"));
    try {
      await assert.rejects(openCmuFaces(folder), new RegExp(`${CMU_FACES_FILE}: cannot be read`));
      await writeFile(join(folder, CMU_FACES_FILE), gzipSync(ipkBytes(miniature)));
      assert.equal((await openCmuFaces(folder)).height, 32);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the published CMU faces", { skip: process.env.PFC_DATA ? false : "PFC_DATA names no folder" }, () => {
  it("are 20 people, 28 to 32 pictures each, no two of one pose, expression and eyes", async () => {
    const set = await openCmuFaces(process.env.PFC_DATA!);
    assert.deepEqual([set.count, set.classes], [624, 20]);
    const { person, pose, expression, eyes } = set.columns;
    const seen = new Set(person.map((_, i) => ((person[i] * 4 + pose[i]) * 4 + expression[i]) * 2 + eyes[i]));
    assert.equal(seen.size, 624);
    for (let who = 0; who < 20; who++) {
      const pictures = person.filter((value) => value === who).length;
      assert.ok(pictures >= 28 && pictures <= 32, `${who}: ${pictures}`);
    }
    for (const [column, names] of Object.entries(CMU_FACES)) {
      assert.deepEqual(
        [...new Set(set.columns[column])].sort(),
        names.map((_, value) => value),
      );
    }
  });
});
