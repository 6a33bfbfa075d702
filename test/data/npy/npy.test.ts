import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { npyRows, readNpy, writeNpy } from "../../../src/data/npy/npy.js";
import { readNpyFile } from "../../../src/data/readNpyFile.node.js";
import { npyFile, npyHeader } from "./npyFile.js";

const reversed = (bytes: readonly number[], size: number): number[] =>
  bytes.flatMap((_, i) => (i % size === 0 ? bytes.slice(i, i + size).reverse() : []));

function refusal(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was refused");
}

/** Two elements of each type, as IEEE 754 and two's complement have them, written out by hand. */
const TYPES: readonly [kind: string, bytes: number[], values: [number, number]][] = [
  ["f2", [0x00, 0x3c, 0x01, 0x80], [1, -(2 ** -24)]],
  ["f4", [0x00, 0x00, 0xc0, 0x3f, 0x00, 0x00, 0x00, 0xc0], [1.5, -2]],
  ["f8", [0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0], [1.5, -2]],
  ["i1", [0x7f, 0x80], [127, -128]],
  ["i2", [0x01, 0x02, 0xff, 0xff], [513, -1]],
  ["i4", [0x01, 0x02, 0, 0, 0xfe, 0xff, 0xff, 0xff], [513, -2]],
  ["i8", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0, 0xfe, 255, 255, 255, 255, 255, 255, 255], [2 ** 53 - 1, -2]],
  ["u1", [0, 255], [0, 255]],
  ["u2", [0x01, 0x02, 0xff, 0xff], [513, 65535]],
  ["u4", [0x01, 0x02, 0, 0, 0xff, 0xff, 0xff, 0xff], [513, 2 ** 32 - 1]],
  ["u8", [0x01, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], [513, 2 ** 32]],
  ["b1", [0, 1], [0, 1]],
];

describe("reading .npy", () => {
  for (const [kind, bytes, values] of TYPES) {
    it(`reads ${kind} in both byte orders and all versions`, () => {
      const size = bytes.length / 2;
      for (const version of [1, 2, 3] as const) {
        const little = npyFile({ header: npyHeader(`<${kind}`, "(2,)"), body: bytes, version });
        assert.deepEqual([...readNpy(little, "a").data], values);
      }
      const big = npyFile({ header: npyHeader(`>${kind}`, "(2,)"), body: reversed(bytes, size) });
      assert.deepEqual([...readNpy(big, "a").data], values);
      if (size > 1) {
        const unordered = npyFile({ header: npyHeader(`|${kind}`, "(2,)"), body: bytes });
        assert.throws(() => readNpy(unordered, "a"), /the file has "\|..".*\(byte 20\)/);
      } else {
        const single = npyFile({ header: npyHeader(`|${kind}`, "(2,)"), body: bytes });
        assert.deepEqual([...readNpy(single, "a").data], values);
      }
    });
  }
  it("reads halves at the ends of their range", () => {
    const halves = [0xff, 0x7b, 0x00, 0x7c, 0x00, 0xfc, 0x01, 0x7e, 0xff, 0x03, 0x00, 0x80];
    const { data } = readNpy(npyFile({ header: npyHeader("<f2", "(6,)"), body: halves }), "a");
    assert.deepEqual([...data], [65504, Infinity, -Infinity, NaN, 1023 * 2 ** -24, -0]);
  });
  it("lays Fortran order out in C order", () => {
    // a[i][j][k] = 100 i + 10 j + k of shape (2, 3, 2); in the file the first index runs fastest
    const body = [0, 1].flatMap((k) => [0, 1, 2].flatMap((j) => [0, 1].map((i) => 100 * i + 10 * j + k)));
    const { shape, data } = readNpy(npyFile({ header: npyHeader("|u1", "(2, 3, 2)", true), body }), "a");
    assert.deepEqual(shape, [2, 3, 2]);
    assert.deepEqual([...data], [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121]);
  });
  it("reads arrays without axes, of one, and empty ones", () => {
    for (const [tuple, shape, body] of [
      ["()", [], [7]],
      ["(1,)", [1], [7]],
      ["(1, 1)", [1, 1], [7]],
      ["(0,)", [0], []],
      ["(0, 9007199254740991, 9007199254740991)", [0, 2 ** 53 - 1, 2 ** 53 - 1], []],
    ] as const) {
      const array = readNpy(npyFile({ header: npyHeader("|u1", tuple), body }), "a");
      assert.deepEqual([array.shape, [...array.data]], [shape, body]);
    }
  });
  it("reads the dictionary however Python may write it", () => {
    for (const header of [
      `{"shape":(2L,),"descr":"|u1","fortran_order":False}`,
      `  { 'fortran_order' : False ,\t'descr' : '|u1', 'shape' : ( 2 , ) , }   `,
      `{'descr':'|u1','fortran_order':True,'shape':(2,)}`,
    ]) {
      assert.deepEqual([...readNpy(npyFile({ header, body: [3, 4] }), "a").data], [3, 4]);
    }
  });
  it("does not mind where its bytes lie, and gives elements of their own", () => {
    const file = npyFile({ header: npyHeader("<f4", "(1,)"), body: [0, 0, 0xc0, 0x3f] });
    const within = Buffer.alloc(file.length + 3);
    within.set(file, 3);
    const { data } = readNpy(within.subarray(3), "a");
    within.fill(0);
    assert.deepEqual([...data], [1.5]);
  });

  const sound = npyFile({ header: npyHeader("<f4", "(2,)"), body: [0, 0, 0, 0, 0, 0, 0, 0] });
  const changed = (at: number, value: number): Uint8Array => sound.map((byte, i) => (i === at ? value : byte));
  const withHeader = (header: string): Uint8Array => npyFile({ header, body: [0, 0, 0, 0] });
  const refused: [what: string, bytes: Uint8Array, message: RegExp][] = [
    ["an empty file", new Uint8Array(), /a\.npy: a \.npy file begins with 0x93 "NUMPY", this one ends at byte 0\./],
    ["another format", changed(3, 0x50), /this one has 0x50 at byte 3\./],
    ["a later version", changed(6, 4), /versions 1\.0, 2\.0 and 3\.0 of \.npy are read, found 4\.0 \(byte 6\)/],
    ["a cut version", sound.subarray(0, 7), /the file ends \(byte 6\)/],
    ["a cut length", sound.subarray(0, 9), /the file ends at byte 9, in the length of its header/],
    ["a cut header", sound.subarray(0, 30), /the header is announced to end at byte 68, but the file ends at byte 30/],
    [
      "a cut body",
      sound.subarray(0, 73),
      /shape \[2\] and type <f4 has 8 bytes, but 5 follow the header \(from byte 68 on\)/,
    ],
    ["a body too long", Uint8Array.from([...sound, 0]), /has 8 bytes, but 9 follow/],
    ["Python objects", withHeader(npyHeader("|O", "(1,)")), /Python objects \(\|O\), which are refused.*\(byte 20\)/],
    [
      "records",
      withHeader("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }"),
      /byte 20: arrays of records/,
    ],
    ["texts", withHeader(npyHeader("<U1", "(1,)")), /the types f2, f4, .* are read, .* the file has "<U1" \(byte 20\)/],
    ["no byte order", withHeader(npyHeader("f4", "(1,)")), /the file has "f4"/],
    ["an expression", withHeader("__import__('os').abort()"), /breaks at byte 10: "\{" is expected, found "_"/],
    [
      "an expression inside",
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (2-1,), }"),
      /byte 62: a tuple of one number ends in a comma, found "-"/,
    ],
    ["a missing key", withHeader("{'descr': '<f4', 'fortran_order': False}"), /byte 10: the key "shape" is missing/],
    ["a key twice", withHeader("{'descr': '<f4', 'descr': '<f4'}"), /byte 27: the key "descr" stands twice/],
    [
      "another key",
      withHeader("{'description': '<f4'}"),
      /byte 11: the keys are descr, fortran_order, shape, not "description"/,
    ],
    ["a number for a truth", withHeader("{'fortran_order': 1}"), /byte 28: True or False is expected, found "1"/],
    ["a negative extent", withHeader(npyHeader("<f4", "(-1,)")), /byte 61: a whole number is expected, found "-"/],
    ["a number for a tuple", withHeader(npyHeader("<f4", "(1)")), /a tuple of one number ends in a comma, found "\)"/],
    [
      "an extent beyond exact numbers",
      withHeader(npyHeader("<f4", "(9007199254740992,)")),
      /an extent is 2\^53 or more/,
    ],
    ["sixty-five axes", withHeader(npyHeader("<f4", `(${"1, ".repeat(65)})`)), /at most 64 axes/],
    [
      "an escape",
      withHeader("{'desc\\x72': '<f4'}"),
      /byte 11: the text has a character outside of ASCII, or an escape/,
    ],
    ["an open text", withHeader(`{'${"d".repeat(200)}`), /byte 11: the text has no closing quote within 80 characters/],
    [
      "more after the dictionary",
      withHeader(`${npyHeader("<f4", "(1,)")};`),
      /spaces are expected after the dictionary, found ";"/,
    ],
    ["an open dictionary", withHeader("{'descr': '<f4'"), /byte 26: "\}" is expected, but the header ends/],
    [
      "a whole number that no double holds",
      npyFile({ header: npyHeader("<i8", "(2,)"), body: [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x20, 0] }),
      /whole numbers are read up to 2\^53 - 1, the file has 9007199254740993 \(byte 76\)/,
    ],
  ];
  for (const [what, bytes, message] of refused) {
    it(`refuses ${what}, naming the byte`, () => {
      assert.throws(() => readNpy(bytes, "a.npy"), message);
    });
  }
  it("is done on a file of the disk, or names it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "npy-"));
    try {
      await writeFile(join(folder, "a.npy"), writeNpy({ shape: [2], data: Int32Array.of(5, -6) }));
      assert.deepEqual([...(await readNpyFile(join(folder, "a.npy"))).data], [5, -6]);
      await assert.rejects(readNpyFile(join(folder, "b.npy")), /b\.npy does not exist/);
      await assert.rejects(readNpyFile(folder), /is a folder and no file/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  it("reads from the disk in pieces what it reads in one, and refuses what is damaged in the same words", async () => {
    const folder = await mkdtemp(join(tmpdir(), "npy-"));
    const path = join(folder, "a.npy");
    try {
      for (const [kind, bytes, values] of TYPES) {
        const body = reversed(bytes, bytes.length / 2);
        const whole = npyFile({ header: npyHeader(`>${kind}`, "(2,)"), body, version: 3 });
        const cuts = [0, 5, 7, 9, 11, 40, whole.length - 1].map((end) => whole.subarray(0, end));
        for (const pieceBytes of [1, 3, 1000]) {
          await writeFile(path, whole);
          assert.deepEqual([...(await readNpyFile(path, { pieceBytes })).data], values);
          for (const damaged of [...cuts, Uint8Array.of(...whole, 0), whole.with(0, 0), whole.with(20, 33)]) {
            const { message } = refusal(() => readNpy(damaged, path));
            await writeFile(path, damaged);
            await assert.rejects(readNpyFile(path, { pieceBytes }), { message });
          }
        }
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("writing .npy", () => {
  it("gives the bytes that NumPy writes", () => {
    // numpy 1.24: np.save of np.array([[1.5, -2]], dtype="<f4")
    const dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
    const expected = [0x93, ...Buffer.from("NUMPY"), 1, 0, 118, 0, ...Buffer.from(`${dictionary.padEnd(117)}\n`)];
    const bytes = writeNpy({ shape: [1, 2], data: Float32Array.of(1.5, -2) });
    assert.deepEqual([...bytes], [...expected, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0]);
  });
  it("pads the header to 64 bytes whatever the shape, and ends it in a line feed", () => {
    for (const shape of [[], [1], [0, 3], [1, 1, 1, 2], Array.from({ length: 40 }, () => 1)]) {
      const bytes = writeNpy({ shape, data: new Int32Array(shape.reduce((product, extent) => product * extent, 1)) });
      const begin = 10 + bytes[8] + 256 * bytes[9];
      assert.equal(begin % 64, 0);
      assert.equal(bytes[begin - 1], 10);
      assert.deepEqual(readNpy(bytes, "a").shape, shape);
    }
  });
  it("refuses a shape that does not fit", () => {
    assert.throws(
      () => writeNpy({ shape: [2, 2], data: new Float32Array(3) }),
      /shape \[2, 2\] has 4 elements, given 3/,
    );
    assert.throws(() => writeNpy({ shape: [-1, -1], data: new Float32Array(1) }), /shape \[-1, -1\]/);
    const axes = Array.from({ length: 30_000 }, () => 1);
    assert.throws(
      () => writeNpy({ shape: axes, data: new Float32Array(1) }),
      /at most 65535 bytes, 30000 axes need more/,
    );
  });
});

describe("features from .npy", () => {
  const array = (shape: number[], data: Float64Array): ReturnType<typeof npyRows> =>
    npyRows({ shape, dtype: "<f8", data }, "a.npy");
  it("are rows of float32", () => {
    const rows = Float32Array.of(0.1, 2, 3, 4, 5, 6);
    assert.deepEqual(array([2, 3], Float64Array.of(0.1, 2, 3, 4, 5, 6)), { rows, count: 2, width: 3 });
  });
  it("have two axes, something in them, and finite elements in float32", () => {
    assert.throws(
      () => array([3], new Float64Array(3)),
      /a\.npy: features are an array \[samples, dimensions\], .*\[3\]/,
    );
    assert.throws(() => array([0, 3], new Float64Array(0)), /shape \[0, 3\]/);
    assert.throws(() => array([2, 2], Float64Array.of(1, 2, 3, NaN)), /row 1 has NaN in column 1/);
    assert.throws(() => array([2, 2], Float64Array.of(1, 2, 1e39, 0)), /row 1 has 1e\+39 in column 0/);
  });
});
