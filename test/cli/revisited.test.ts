import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { revisitedCommand } from "../../src/cli/commands/revisited.js";
import { npyFile, npyHeader } from "../data/npy/npyFile.js";
import { pfc } from "./pfc.js";
import { refused } from "./refused.js";

/** Five images, two queries. The first has easy 0 and 1, hard 4; the second hard 2 and 3, junk 0 and 1. */
const truth = fileURLToPath(new URL("../data/revisited/fixtures/gnd-protocol3.pkl", import.meta.url));
/** A query asks for one number of an image: the first ranks 0, 2, 1, 4, 3; the second 0, 1, 4, 3, 2. */
const QUERIES = [[1, 0], [0, 1]]; // prettier-ignore
const DATABASE = [[0.9, 0.8], [0.5, 0.6], [0.7, 0.2], [0.1, 0.4], [0.3, 0.5]]; // prettier-ignore
/** First for the first query, between 4 and 3 for the second. */
const DISTRACTOR = [[0.95, 0.45]];

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "revisited-"));
});
after(() => rm(root, { recursive: true }));

async function npy(name: string, rows: readonly (readonly number[])[], width = 2): Promise<string> {
  const body = new Uint8Array(Float64Array.from(rows.flat()).buffer);
  const path = join(root, name);
  await writeFile(path, npyFile({ header: npyHeader("<f8", `(${rows.length}, ${width})`), body }));
  return path;
}

async function flags(database = DATABASE, queries = QUERIES): Promise<string[]> {
  const files = [await npy("q.npy", queries), await npy("db.npy", database)];
  return ["--ground-truth", truth, "--queries", files[0], "--database", files[1]];
}

interface Numbers {
  readonly distractors: number;
  readonly protocols: Record<string, { map: number; averagePrecisions: (number | null)[]; meanPrecisionAt: { k: number; precision: number }[] }>; // prettier-ignore
}

/** What the command prints as JSON, in this process; and what it notes. */
async function numbers(context: TestContext, args: readonly string[]): Promise<Numbers & { notes: string }> {
  const log = context.mock.method(console, "log", () => undefined);
  const notes = context.mock.method(console, "error", () => undefined);
  await revisitedCommand().parseAsync([...args, "--json"], { from: "user" });
  const [text, noted] = [log, notes].map(({ mock }) => mock.calls.map((call) => String(call.arguments[0])).join("\n"));
  context.mock.restoreAll();
  return { ...(JSON.parse(text) as Numbers), notes: noted };
}

function near(value: number | null, expected: number): void {
  assert.ok(value !== null && Math.abs(value - expected) < 1e-12, `${value}, not ${expected}`);
}

describe("pfc revisited", () => {
  test("prints the three protocols as a table", async () => {
    const { code, out, error } = await pfc("revisited", ...(await flags()));
    assert.equal(code, 0, error);
    const rows = out.split("\n").filter((line) => /^│ (Easy|Medium|Hard)/.test(line));
    const cells = rows.map((row) => row.split("│").slice(1, -1).map((cell) => cell.trim())); // prettier-ignore
    // by hand: of Easy (1 + (1/2 + 2/3) / 2) / 2 = 19/24; Medium is the mean of 55/72 and 5/12, Hard of 1/4 and 5/12
    assert.deepEqual(cells, [
      ["Easy", "1", "79.17 %", "100.00 %", "66.67 %", "66.67 %"],
      ["Medium", "2", "59.03 %", "50.00 %", "70.83 %", "70.83 %"],
      ["Hard", "2", "33.33 %", "0.00 %", "58.33 %", "58.33 %"],
    ]);
    assert.match(error, /^note: descriptors of .*db\.npy have lengths of 0\.412 to 1\.20 and are compared as they are/);
  });

  test("as JSON; a distractor before the images that are sought costs precision", async (context) => {
    const plain = await numbers(context, await flags());
    const { easy, medium } = plain.protocols;
    near(easy.map, 19 / 24);
    assert.equal(easy.averagePrecisions[1], null);
    near(medium.averagePrecisions[0], 55 / 72);
    near(medium.averagePrecisions[1], 5 / 12);
    assert.deepEqual(
      medium.meanPrecisionAt.map(({ k }) => k),
      [1, 5, 10],
    );
    near(medium.meanPrecisionAt[1].precision, 17 / 24);
    const more = await numbers(context, [...(await flags()), "--distractors", await npy("d.npy", DISTRACTOR)]);
    assert.equal(more.distractors, 1);
    near(more.protocols.easy.map, 1 / 3); // places 1 and 3: (1/2 / 2 + (1/3 + 1/2) / 2) / 2
  });

  test("--normalise compares directions", async (context) => {
    const unit = DATABASE.map(([x, y]) => [x / Math.hypot(x, y), y / Math.hypot(x, y)]);
    const stretched = unit.map((row, i) => row.map((value) => value * [1, 9, 2, 1, 30][i]));
    const directions = await numbers(context, await flags(unit));
    assert.equal(directions.notes, "");
    const asked = await numbers(context, [...(await flags(stretched)), "--normalise"]);
    assert.deepEqual([asked.protocols, asked.notes], [directions.protocols, ""]);
    const asTheyAre = await numbers(context, await flags(stretched));
    assert.notDeepEqual(asTheyAre.protocols, directions.protocols);
  });
});

const faults: [what: string, args: () => Promise<string[]>, message: RegExp][] = [
  ["another number of queries", async () => flags(DATABASE, [[1, 0]]), /q\.npy: .*gnd-protocol3\.pkl has 2 queries, each with a descriptor, but this file has 1\./], // prettier-ignore
  ["another number of images", async () => flags(DATABASE.slice(1)), /db\.npy: .* has 5 images in its database, each with a descriptor, but this file has 4\./], // prettier-ignore
  ["descriptors of another length", async () => [...(await flags()), "--database", await npy("wide.npy", DATABASE.map((row) => [...row, 0]), 3)], /wide\.npy: .* but these have 3 and those of .*q\.npy 2\./], // prettier-ignore
  ["distractors of another length", async () => [...(await flags()), "--distractors", await npy("wide.npy", [[1, 2, 3]], 3)], /wide\.npy: .* these have 3/], // prettier-ignore
  [
    "no query",
    async () => flags(DATABASE, []),
    /q\.npy: features are an array \[samples, dimensions\], neither of them 0; this one has shape \[0, 2\]/,
  ],
  ["an empty file", async () => [...(await flags()), "--database", await file("empty.npy", "")], /empty\.npy/],
  ["another kind of file", async () => [...(await flags()), "--queries", await file("q.txt", "1 0")], /q\.txt: features are read from \.npy and \.mat/], // prettier-ignore
  ["ground truth that is none", async () => [...(await flags()), "--ground-truth", await file("gnd.pkl", "N.")], /gnd\.pkl: .* is a dictionary, found null/], // prettier-ignore
  ["ground truth that names an image that is not there", async () => [...(await flags()), "--ground-truth", await file("far.pkl", FAR)], /far\.pkl: easy of query 0 \("q"\) names image 7, but imlist has 1 images/], // prettier-ignore
  ["a number that is none", async () => flags(DATABASE, [[1, 0], [NaN, 1]]), /q\.npy: features are finite in float32, but row 1 has NaN in column 0/], // prettier-ignore
];

/** `{"imlist": ["a"], "qimlist": ["q"], "gnd": [{"easy": [7], "hard": [], "junk": []}]}` in protocol 2. */
const FAR =
  "\x80\x02}(U\x06imlist](U\x01aeU\x07qimlist](U\x01qeU\x03gnd](}(U\x04easy](K\x07eU\x04hard](eU\x04junk](eueu.";

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(root, name), Buffer.from(text, "latin1"));
  return join(root, name);
}

for (const [what, args, message] of faults) {
  test(`${what}: a sentence that names the file`, async (context) => {
    context.mock.method(console, "error", () => undefined); // notes of their lengths
    await refused(revisitedCommand(), await args(), message);
  });
}
