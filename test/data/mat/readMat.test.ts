import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deflateSync } from "node:zlib";
import { inflate } from "../../../src/data/mat/inflate.node.js";
import { readMatRecords } from "../../../src/data/mat/readMat.js";
import { matFile, type MatVariable } from "./matFile.js";

const RECORDS = [
  { path: "car_ims/000001.jpg", box: [30, 52, 246, 147], class: 6, half: 0.5 },
  { path: "car_ims/000002.jpg", box: [1, 2, 3, 4], class: 196, half: -1.5 },
  { path: "ab", box: [], class: 1000, half: 0 },
];
const CARS: MatVariable = { name: "cars", value: RECORDS };
const OTHERS: MatVariable[] = [
  { name: "flags", value: [1, 0, 1] },
  { name: "more", value: [{ a: "x" }] },
];
const WANTED = { variable: "cars", fields: { path: "text", class: "number", half: "number" }, inflate } as const;
const read = (bytes: Uint8Array): unknown => readMatRecords(bytes, "a.mat", WANTED);

describe("reading a list from a MATLAB file", () => {
  for (const order of ["little", "big"] as const) {
    for (const compressed of [false, true]) {
      it(`finds the fields asked for, ${order}-endian, ${compressed ? "compressed" : "plain"}`, () => {
        const bytes = matFile([...OTHERS, CARS], { order, compressed });
        assert.deepEqual(
          read(bytes),
          RECORDS.map(({ path, class: label, half }) => ({ path, class: label, half })),
        );
        const within = Buffer.alloc(bytes.length + 5);
        within.set(bytes, 5);
        assert.deepEqual(read(within.subarray(5)), read(bytes));
      });
    }
  }
  it("reads an empty list", () => {
    const nothing = matFile([{ name: "cars", value: [] }]);
    assert.deepEqual(readMatRecords(nothing, "a.mat", { ...WANTED, fields: {} }), []);
    assert.throws(() => read(nothing), /"cars" has no field "path", but none \(byte 176\)/);
  });

  const plain = matFile([CARS]);
  const zipped = matFile([CARS], { compressed: true });
  const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array =>
    bytes.map((byte, i) => (i === at ? value : byte));
  const compressedElement = (content: Uint8Array): Uint8Array => {
    const stream = deflateSync(content);
    return Uint8Array.from([
      ...plain.subarray(0, 128),
      15,
      0,
      0,
      0,
      stream.length & 255,
      stream.length >> 8,
      0,
      0,
      ...stream,
    ]);
  };
  const refused: [what: string, bytes: Uint8Array, message: RegExp][] = [
    [
      "a file that is too short",
      plain.subarray(0, 127),
      /a\.mat: a MATLAB 5 file begins with 128 bytes, .* at byte 127/,
    ],
    ["another version", changed(plain, 125, 2), /version 1 and the letters IM or MI at byte 124, found 00 02 49 4d/],
    ["no byte order", changed(plain, 126, 0), /found 00 01 00 4d/],
    ["a variable that is not there", matFile(OTHERS), /no variable "cars"; up to byte \d+ it holds "flags", "more"\./],
    ["a file without variables", plain.subarray(0, 128), /up to byte 128 it holds nothing/],
    ["a cut variable", plain.subarray(0, 600), /a variable is announced with \d+ bytes, but 464 are left \(byte 128\)/],
    [
      "a list of numbers",
      matFile([{ name: "cars", value: [1] }]),
      /"cars" is a struct array \(class 2\), found class 9/,
    ],
    [
      "a text for a number",
      matFile([{ name: "cars", value: [{ ...RECORDS[0], class: "6" }] }]),
      /cars\(1\)\.class is a single number, found class 4 with 1 elements \(byte \d+\)/,
    ],
    [
      "two numbers for one",
      matFile([{ name: "cars", value: [{ ...RECORDS[0], class: [6, 7] }] }]),
      /single number, found class 6 with 2 elements/,
    ],
    [
      "a number for a text",
      matFile([{ name: "cars", value: [RECORDS[0], { ...RECORDS[0], path: 3 }] }]),
      /cars\(2\)\.path is a text \(class 4\), found class 6/,
    ],
    [
      "a missing field",
      matFile([{ name: "cars", value: [{ path: "a", class: 1 }] }]),
      /"cars" has no field "half", but path, class \(byte 176\)/,
    ],
    [
      "a cut zlib stream",
      zipped.with(132, zipped[132] - 9).subarray(0, -9),
      /the zlib data are cut off \(in what is compressed at byte 128\)/,
    ],
    ["a damaged zlib stream", changed(zipped, 136, 0), /damaged zlib data: .* \(in what is compressed at byte 128\)/],
    [
      "a stream of nothing",
      compressedElement(new Uint8Array(3)),
      /what is compressed at byte 128 has 3 bytes, no element/,
    ],
    [
      "a stream that swells beyond its tag",
      compressedElement(Uint8Array.from([...plain.subarray(128), ...new Uint8Array(100_000)])),
      /more than the announced \d+ bytes come out \(in what is compressed at byte 128\)/,
    ],
    [
      "a stream that announces more than it can hold",
      compressedElement(changed(plain.subarray(128), 7, 0x70)),
      /announces \d+ bytes, more than its \d+ can hold/,
    ],
    [
      "damage inside a stream",
      compressedElement(changed(plain.subarray(128), 8, 99)),
      /the flags of a matrix has numbers of an unknown type 99 \(byte 8 of what is compressed at byte 128\)/,
    ],
  ];
  for (const [what, bytes, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => read(bytes), message);
    });
  }
});
