/** The three ways in which pickles write texts and byte strings as lines or UTF-8. */

export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Error("a text is not valid UTF-8", { cause });
  }
}

/** Protocol 0, Python 3: Latin-1, and \uXXXX or \UXXXXXXXX for what does not fit (and for the backslash itself). */
export function decodeRawUnicode(line: Uint8Array): string {
  const units = new Uint16Array(line.length);
  let length = 0;
  for (let at = 0; at < line.length; at++) {
    let code = line[at];
    if (code === BACKSLASH) {
      const digits = line[at + 1] === 0x75 ? 4 : line[at + 1] === 0x55 ? 8 : 0; // u, U
      code = hexadecimal(line, at + 2, digits);
      at += 1 + digits;
    }
    if (code > 0xffff) throw new Error("a text that stands for bytes has a character beyond U+FFFF");
    units[length++] = code;
  }
  return new TextDecoder("utf-16le").decode(units.subarray(0, length));
}

/** Protocol 0, Python 2: a byte string as Python shows it, in quotes, with \xNN, \n, \r, \t, \\, \' and \". */
export function decodeQuoted(line: Uint8Array): Uint8Array {
  const quote = line[0];
  if (line.length < 2 || (quote !== 0x27 && quote !== 0x22) || line[line.length - 1] !== quote) {
    throw new Error("a byte string stands between two quotes");
  }
  const bytes = new Uint8Array(line.length - 2);
  let length = 0;
  for (let at = 1; at < line.length - 1; at++) {
    let value = line[at];
    if (value === BACKSLASH) {
      const escape = String.fromCharCode(line[++at]);
      if (escape === "x") {
        value = hexadecimal(line, at + 1, 2);
        at += 2;
      } else if (escape in ESCAPES) {
        value = ESCAPES[escape];
      } else {
        throw new Error(`a byte string has the escape ${JSON.stringify(`\\${escape}`)}`);
      }
    }
    bytes[length++] = value;
  }
  return bytes.subarray(0, length);
}

const BACKSLASH = 0x5c;
const ESCAPES: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, "\\": BACKSLASH, "'": 0x27, '"': 0x22 };

/** The number that `digits` hexadecimal digits from `at` on write. */
function hexadecimal(line: Uint8Array, at: number, digits: number): number {
  const text = String.fromCharCode(...line.subarray(at, at + digits));
  if (digits === 0 || text.length < digits || !/^[0-9a-fA-F]+$/.test(text)) {
    throw new Error(`a backslash begins \\u with four or \\U with eight hexadecimal digits (\\x with two)`);
  }
  return parseInt(text, 16);
}
