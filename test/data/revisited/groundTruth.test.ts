import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { readRevisitedGroundTruth } from "../../../src/data/revisited/groundTruth.js";
import { readRevisitedGroundTruthFile } from "../../../src/data/revisited/readGroundTruthFile.node.js";
import { evaluateRevisited } from "../../../src/evaluation/revisited/evaluateRevisited.js";

const fixture = (protocol: number): string =>
  fileURLToPath(new URL(`fixtures/gnd-protocol${protocol}.pkl`, import.meta.url));

/** A dictionary written by hand with instructions of protocol 2; a list of numbers below 256. */
const list = (...items: readonly number[]): string => `](${items.map((k) => `K${String.fromCharCode(k)}`).join("")}e`;
const key = (name: string): string => `U${String.fromCharCode(name.length)}${name}`;
const dictionary = (entries: Readonly<Record<string, string>>): string =>
  `}(${Object.entries(entries).map(([name, value]) => key(name) + value).join("")}u`; // prettier-ignore
const query = { easy: list(0), hard: list(), junk: list(2) };
const whole = { imlist: `](${key("a")}${key("b")}${key("c")}e`, qimlist: `](${key("q")}e` };
const read = (entries: Readonly<Record<string, string>>): unknown => {
  const text = `\x80\x02${dictionary(entries)}.`;
  return readRevisitedGroundTruth(Uint8Array.from(Buffer.from(text, "latin1")), "gnd.pkl");
};
const withQuery = (changed: Readonly<Record<string, string>>): unknown =>
  read({ ...whole, gnd: `](${dictionary({ ...query, ...changed })}e` });

describe("the ground truth of Revisited Oxford and Paris", () => {
  for (const protocol of [2, 3]) {
    it(`is read as Python wrote it with protocol ${protocol}: lists, arrays, numbers of either`, async () => {
      const { images, queries } = await readRevisitedGroundTruthFile(fixture(protocol));
      assert.deepEqual([images.length, images[1], images[4]], [5, "all_souls_000001", "worcester_000004"]);
      assert.deepEqual(queries, [
        {
          ...{ name: "all_souls_1", box: [136.5, 34.1, 648.5, 955.7] },
          ...{ easy: Int32Array.of(1, 0), hard: Int32Array.of(4), junk: new Int32Array(0) },
        },
        {
          ...{ name: "magdalen_1", box: [0.25, 1, 2, 3] },
          ...{ easy: new Int32Array(0), hard: Int32Array.of(2, 3), junk: Int32Array.of(0, 1) },
        },
      ]);
    });
  }

  it("is what the evaluation takes", async () => {
    const { queries: groundTruth } = await readRevisitedGroundTruthFile(fixture(3));
    const database = Float64Array.of(5, 4, 3, 2, 1);
    const scores = await evaluateRevisited({ queries: Float64Array.of(1, 1), database, embedding: 1, groundTruth });
    assert.deepEqual([...scores.easy.averagePrecisions], [1, NaN]);
  });

  it("may be of Python 2, and without boxes", () => {
    assert.deepEqual(withQuery({}), {
      images: ["a", "b", "c"],
      queries: [{ name: "q", easy: Int32Array.of(0), hard: new Int32Array(0), junk: Int32Array.of(2) }],
    });
  });

  it("is refused by name where it is something else", () => {
    assert.throws(() => withQuery({ junk: list(1, 3) }), /^Error: gnd\.pkl: junk of query 0 \("q"\) names image 3, .* 3 images, 0 \.\. 2\.$/); // prettier-ignore
    assert.throws(() => withQuery({ hard: "N" }), /hard of query 0 \("q"\) is a list of numbers, found null/);
    assert.throws(() => withQuery({ hard: "](Ne" }), /but entry 0 is null/);
    assert.throws(() => withQuery({ bbx: list(1, 2, 3) }), /bbx .* left, top, right and bottom, found a list of 3/);
    assert.throws(
      () => read({ ...whole, gnd: `](${dictionary({ ok: list(0), junk: list() })}e` }),
      /easy of query 0 \("q"\) is missing; its dictionary has ok, junk\. Is this the original benchmark\?/,
    );
    assert.throws(() => read({ ...whole, gnd: "]" }), /for each of 1 queries, found a list of 0/);
    assert.throws(() => read({ ...whole, gnd: "](Ne" }), /ground truth of query 0 \("q"\) is a dictionary, found null/);
    assert.throws(() => read({ ...whole, imlist: "]" }), /imlist is a list of one name or more, found a list of 0/);
    assert.throws(() => read({ ...whole, imlist: "](Ne" }), /imlist: entry 0 is a name, found null/);
    assert.throws(() => read({ imlist: whole.imlist }), /qimlist is a list of one name or more, found nothing/);
  });

  it("is refused where one list stands for more entries than the file has bytes", () => {
    const many = list(...Array.from({ length: 250 }, () => 1));
    const shown = `](${dictionary({ easy: `${many}q\x01`, hard: list(), junk: list() })}${`${dictionary({ easy: "h\x01", hard: list(), junk: list() })}`.repeat(30)}e`; // prettier-ignore
    const names = `](${key("q").repeat(31)}e`;
    assert.throws(
      () => read({ ...whole, qimlist: names, gnd: shown }),
      /more entries together than the file has bytes/,
    );
  });
});
