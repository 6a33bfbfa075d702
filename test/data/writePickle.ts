/** Pickles as Python writes them, for tests of the reader: pairs of lists, in every protocol, with every way of writing bytes. */

/** How the images are kept: as bytes of Python 3, as strings of Python 2, as NumPy arrays. */
export type Dialect = "bytes" | "python 2" | "numpy";

export interface PickleStyle {
  readonly protocol: number;
  readonly dialect: Dialect;
  /** The module of NumPy's internals: `numpy.core` before version 2, `numpy._core` since. */
  readonly core: "numpy.core" | "numpy._core";
}

const ascii = (text: string): number[] => [...Buffer.from(text, "latin1")];
const u32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
const u64 = (value: number): number[] => [...u32(value), 0, 0, 0, 0];

/** `pickle.dump((images, same), protocol)`. */
export function writePairs(images: readonly Uint8Array[], same: readonly boolean[], style: PickleStyle): Uint8Array {
  const { protocol } = style;
  const list = (items: readonly number[][]): number[] =>
    protocol === 0
      ? [...ascii("(l"), ...items.flatMap((item) => [...item, ...ascii("a")])] // one by one
      : [...ascii("]("), ...items.flat(), ...ascii("e")];
  const truth = (value: boolean): number[] => (protocol < 2 ? ascii(value ? "I01\n" : "I00\n") : [value ? 0x88 : 0x89]);
  const pair = [...list(images.map((image) => imageOf(image, style))), ...list(same.map(truth))];
  const whole = protocol < 2 ? [...ascii("("), ...pair, ...ascii("t.")] : [...pair, 0x86, ...ascii(".")];
  const framed = protocol < 4 ? whole : [0x95, ...u64(whole.length), ...whole];
  return Uint8Array.from(protocol < 2 ? framed : [0x80, protocol, ...framed]);
}

function imageOf(image: Uint8Array, style: PickleStyle): number[] {
  if (style.dialect === "python 2") return stringOf(image, style.protocol);
  return style.dialect === "bytes" ? bytesOf(image, style.protocol) : arrayOf(image, style);
}

/** Python 2's str: quoted in protocol 0, else with its length. */
function stringOf(bytes: Uint8Array, protocol: number): number[] {
  if (protocol > 0)
    return bytes.length < 256
      ? [...ascii("U"), bytes.length, ...bytes]
      : [...ascii("T"), ...u32(bytes.length), ...bytes];
  const shown = Array.from(bytes, (byte) => {
    if (byte === 10) return "\\n";
    if (byte === 39 || byte === 92) return `\\${String.fromCharCode(byte)}`;
    return byte < 32 || byte > 126 ? `\\x${byte.toString(16).padStart(2, "0")}` : String.fromCharCode(byte);
  });
  return ascii(`S'${shown.join("")}'\n`);
}

/** Python 3's bytes: before protocol 3 there are none, and a text is encoded. */
function bytesOf(bytes: Uint8Array, protocol: number): number[] {
  if (protocol >= 3)
    return bytes.length < 256
      ? [...ascii("C"), bytes.length, ...bytes]
      : [...ascii("B"), ...u32(bytes.length), ...bytes];
  const tuple = (first: number[], second: number[]): number[] =>
    protocol < 2 ? [...ascii("("), ...first, ...second, ...ascii("t")] : [...first, ...second, 0x86];
  const text = protocol === 0 ? rawUnicode(bytes) : utf8(Buffer.from(bytes).toString("latin1"));
  const codec = protocol === 0 ? ascii("Vlatin1\n") : utf8("latin1");
  return [...ascii("c_codecs\nencode\n"), ...tuple(text, codec), ...ascii("R")];
}

function utf8(text: string): number[] {
  const bytes = Buffer.from(text, "utf8");
  return [...ascii("X"), ...u32(bytes.length), ...bytes];
}

/** Backslash, zero, the ends of lines and 26 as escapes, as Python does since 3.2. */
function rawUnicode(bytes: Uint8Array): number[] {
  const escaped = [0, 10, 13, 26, 92];
  const shown = Array.from(bytes, (byte) =>
    escaped.includes(byte) ? `\\u${byte.toString(16).padStart(4, "0")}` : String.fromCharCode(byte),
  );
  return ascii(`V${shown.join("")}\n`);
}

/** A one-dimensional array of uint8: `_frombuffer` in protocol 5, `_reconstruct` and a state before. */
function arrayOf(bytes: Uint8Array, { protocol, core }: PickleStyle): number[] {
  const name = (module: string, text: string): number[] =>
    protocol < 4 ? ascii(`c${module}\n${text}\n`) : [...short(module), ...short(text), 0x93];
  const byte = (value: number): number[] => [...ascii("K"), value];
  const length = [...ascii("J"), ...u32(bytes.length)];
  const tuple = (...items: number[][]): number[] => [...ascii("("), ...items.flat(), ...ascii("t")];
  const text = (value: string): number[] => (protocol < 4 ? utf8(value) : short(value));
  const none = ascii("N");
  const type = [
    ...name("numpy", "dtype"),
    ...tuple(text("u1"), byte(0), byte(1)),
    ...ascii("R"),
    ...tuple(byte(3), text("|"), none, none, none, [...ascii("J"), ...u32(-1)], [...ascii("J"), ...u32(-1)], byte(0)),
    ...ascii("b"),
  ];
  if (protocol === 5) {
    const data = [0x96, ...u64(bytes.length), ...bytes];
    return [...name(`${core}.numeric`, "_frombuffer"), ...tuple(data, type, tuple(length), text("C")), ...ascii("R")];
  }
  const shape0 = tuple(byte(0));
  return [
    ...name(`${core}.multiarray`, "_reconstruct"),
    ...tuple(name("numpy", "ndarray"), shape0, bytesOf(Uint8Array.of(98), protocol)),
    ...ascii("R"),
    ...tuple(byte(1), tuple(length), type, [protocol < 2 ? ascii("I00\n") : [0x89]].flat(), bytesOf(bytes, protocol)),
    ...ascii("b"),
  ];
}

function short(text: string): number[] {
  return [0x8c, text.length, ...ascii(text)];
}
