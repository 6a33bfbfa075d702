import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { unpickle } from "../../src/data/pickle/unpickle.js";
import type { Dictionary } from "../../src/data/pickle/values.js";
import { readVerificationPairs } from "../../src/data/verificationPairs.js";

/** A pickle of characters: each stands for the byte of its code. */
const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const value = (text: string): unknown => unpickle(bytes(text), "x.bin");
const refused = (text: string, message: RegExp): void => {
  assert.throws(() => readVerificationPairs(bytes(text), "x.bin"), message);
};

describe("instructions of pickles", () => {
  it("make numbers, truth values, texts, byte strings, lists and tuples", () => {
    assert.deepEqual(value("(I7\nI-7\nL12L\nI01\nI00\nNl."), [7, -7, 12, true, false, null]);
    assert.deepEqual(value("(K\xffM\x01\x02J\xff\xff\xff\xff\x8a\x02\x00\x80\x8a\x00t."), [255, 513, -1, -32768, 0]);
    assert.deepEqual(value("X\x02\x00\x00\x00\xc3\xa9."), "é");
    assert.deepEqual(value("\x8d\x01\x00\x00\x00\x00\x00\x00\x00a."), "a");
    assert.deepEqual(value("Va\\u20ac\\U000000e9\n."), "a€é");
    assert.deepEqual(value("S'a\\n\\x00\\\\'\n."), Uint8Array.of(97, 10, 0, 92));
    assert.deepEqual(value("\x8e\x02\x00\x00\x00\x00\x00\x00\x00ab."), Uint8Array.of(97, 98));
    assert.deepEqual(value("B\x01\x00\x00\x00aT\x01\x00\x00\x00b\x86."), [Uint8Array.of(97), Uint8Array.of(98)]);
    assert.deepEqual(value("K\x01K\x02K\x03\x87\x85)\x86."), [[[1, 2, 3]], []]);
  });
  it("make dictionaries by name, and numbers with a fraction", () => {
    const entries = (text: string): unknown => [...(value(text) as Dictionary).entries];
    assert.deepEqual(entries("}X\x01\x00\x00\x00aK\x05sU\x01bNs."), [["a", 5], ["b", null]]); // prettier-ignore
    assert.deepEqual(entries("}(U\x01aK\x05U\x01aK\x06u."), [["a", 6]]);
    assert.deepEqual(entries("(S'a'\nI5\nd."), [["a", 5]]);
    assert.deepEqual(value("(F1.5\nG\xc0\x04\x00\x00\x00\x00\x00\x00F-2e-3\nt."), [1.5, -2.5, -0.002]);
  });
  it("store and recall values under any number", () => {
    assert.deepEqual(value("K\x05p3\ng3\n\x86."), [5, 5]);
    assert.deepEqual(value("K\x05q\x09h\x09\x86."), [5, 5]);
    assert.deepEqual(value("K\x05r\x00\x01\x00\x00j\x00\x01\x00\x00\x86."), [5, 5]);
    assert.deepEqual(value("K\x05\x94K\x06\x94h\x01\x87."), [5, 6, 6]);
  });
  it("are refused with the byte where they are unknown, or lack what they need", () => {
    const faults: [pickle: string, message: RegExp][] = [
      ["\x80\x06N.", /protocols 0 to 5 are read, this one has 6 \(byte 0\)/],
      ["\x80\x04\x95\x09\x00\x00\x00\x00\x00\x00\x00N.", /frame of 9 bytes is announced, but 2 are left \(byte 2\)/],
      ["\x8f.", /instruction 0x8f is not one/],
      ["N", /cut off.*\(byte 1\)/],
      ["NN.", /ends with 1 values too many/],
      [".", /needs a value, and the stack has none/],
      ["e.", /needs a value|needs a mark/],
      ["t.", /needs a mark/],
      ["NNa.", /appends to something that is no list/],
      ["h\x07.", /recalls value 7, which it has not stored/],
      ["Ix\n.", /a whole number is expected, found "x"/],
      [`I${"1".repeat(200)}\n.`, /a line of 200 bytes/],
      ["I1", /none ends before the file does/],
      ["\x8a\x07aaaaaaa.", /a whole number of 7 bytes is too large/],
      ["T\xff\xff\xff\xff.", /a length is not negative, found -1/],
      ["X\x01\x00\x00\x00\xff.", /not valid UTF-8/],
      ["U\x09ab.", /9 more bytes are announced, but the file ends at byte 5/],
      ["Va\\x41\n.", /a backslash begins/],
      ["V\\U0001f600\n.", /beyond U\+FFFF/],
      ["Sab\n.", /between two quotes/],
      ["S'\\q'\n.", /escape "\\\\q"/],
      ["NN\x93.", /named by two texts/],
      ["NNNs.", /sets items of something that is no dictionary/],
      ["}(Nu.", /a key without a value/],
      ["}NNs.", /keys of a dictionary are texts of at most 64 letters, found null/],
      [`}X\x41\x00\x00\x00${"k".repeat(65)}Ns.`, /at most 64 letters, found a text/],
      ["Fnan\n.", /a finite number is expected, found "nan"/],
      ["F\n.", /a finite number is expected, found ""/],
      ["G\x00.", /8 more bytes are announced/],
    ];
    for (const [pickle, message] of faults) assert.throws(() => value(pickle), message, pickle);
  });
});

describe("names that a pickle calls", () => {
  const dtype = "cnumpy\ndtype\nU\x02u1\x85R";
  it("are those of byte strings and arrays of bytes", () => {
    assert.deepEqual(value("c_codecs\nencode\nX\x01\x00\x00\x00aX\x06\x00\x00\x00latin1\x86R."), Uint8Array.of(97));
    assert.equal(value(`cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nU\x02b1\x85RC\x01\x01\x86R.`), true);
    assert.equal(value(`cnumpy.core.multiarray\nscalar\n${dtype}C\x01\x07\x86R.`), 7);
    const wide = (order: string): string => `cnumpy\ndtype\nU\x02i2\x85R(K\x03U\x01${order}tb`;
    assert.equal(value(`cnumpy.core.multiarray\nscalar\n${wide("<")}C\x02\x01\x02\x86R.`), 513);
    assert.equal(value(`cnumpy.core.multiarray\nscalar\n${wide(">")}C\x02\x01\x02\x86R.`), 258);
    assert.deepEqual(value("c__builtin__\nbytes\n)R."), new Uint8Array(0));
  });
  it("are refused where they are others, or are used in another way", () => {
    const array = "cnumpy.core.multiarray\n_reconstruct\n)R";
    const state = (shape: string, type: string, data: string): string => `${array}(K\x01${shape}${type}\x89${data}tb.`;
    const faults: [pickle: string, message: RegExp][] = [
      ["cos\nsystem\n.", /asks for os\.system, which this reader refuses/],
      ["N)R.", /calls something that is no function/],
      ["cnumpy\ndtype\nNR.", /with something that is no tuple/],
      ["cnumpy\nndarray\n)R.", /calls numpy\.ndarray itself/],
      ["cnumpy\ndtype\nU\x02c8\x85R.", /arrays of numbers \(f2, .*\) are read, the pickle has "c8"/],
      ["cnumpy\ndtype\nU\x02i2\x85R(K\x03U\x01?tb.", /a byte order is one of \| < > =, the pickle has "\?"/],
      ["c__builtin__\nbytes\nK\x09\x85R.", /makes bytes of something, not the empty ones/],
      ["c_codecs\nencode\nX\x01\x00\x00\x00aX\x04\x00\x00\x00utf8\x86R.", /something other than a text as "latin1"/],
      ["c_codecs\nencode\nX\x03\x00\x00\x00\xe2\x82\xacX\x06\x00\x00\x00latin1\x86R.", /has the character U\+20ac/],
      [`${array}Nb.`, /sets a state that is no tuple/],
      ["N)b.", /neither an array nor an element type/],
      [state("K\x02\x85", "N", "C\x01a"), /has no element type/],
      [state("K\x02\x85", dtype, "N"), /has no bytes/],
      [state("N", dtype, "C\x01a"), /a list of at most 32 whole numbers/],
      [state("K\x02\x85", dtype, "C\x01a"), /shape \[2\] and type u1 has 2 bytes, the pickle gives 1/],
      [`cnumpy.core.multiarray\nscalar\n${dtype}C\x02ab\x86R.`, /does not have the bytes of its type/],
    ];
    for (const [pickle, message] of faults) assert.throws(() => value(pickle), message, pickle);
  });
});

describe("pair files", () => {
  it("hold two lists that fit together", () => {
    const faults: [pickle: string, message: RegExp][] = [
      ["N.", /two lists, images and truth values, this one holds null/],
      ["]N]\x87.", /this one holds a list of 3/],
      ["C\x01a]\x86.", /the first part .* is a list of images, found 1 bytes/],
      ["]X\x01\x00\x00\x00a\x86.", /the second part .* found a text/],
      ["](NNe]\x86.", /there are 2 images for 0 truth values/],
      ["](K\x05C\x00e](\x88e\x86.", /image 0 is a byte string or a list of bytes, found 5/],
      ["](C\x00cnumpy\nndarray\ne](\x88e\x86.", /image 1 .* found a name/],
      ["](C\x00C\x00e](Ne\x86.", /pair 0 is true or false, found null/],
    ];
    for (const [pickle, message] of faults) refused(pickle, message);
  });
  it("may give the truth values as an array, and as numbers", () => {
    const truths = "cnumpy.core.numeric\n_frombuffer\n(C\x01\x01cnumpy\ndtype\nU\x02b1\x85RK\x01\x85U\x01CtR";
    assert.deepEqual([...readVerificationPairs(bytes(`](C\x00C\x00e${truths}\x86.`), "x.bin").same], [1]);
    assert.deepEqual([...readVerificationPairs(bytes("](C\x00C\x00e](K\x00e\x86."), "x.bin").same], [0]);
  });
  it("may not give an array of several axes for an image", () => {
    const square = "cnumpy.core.numeric\n_frombuffer\n(C\x01\x01cnumpy\ndtype\nU\x02u1\x85RK\x01K\x01\x86U\x01CtR";
    refused(`](C\x00${square}e](K\x00e\x86.`, /image 1 .* found an array of shape \[1, 1\]/);
  });
});
