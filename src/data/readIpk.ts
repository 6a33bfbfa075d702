/**
 * The `.ipk` image container: seven little-endian words, an i32 label table, packed pixels of 1, 2 or 8 bits a sample.
 *
 *     0 "IPK1" · 4 N images · 8 H · 12 W · 16 C channels · 20 B bits · 24 L label columns
 *     28             i32 labels [N, L]
 *     28 + 4·N·L     pixels: N·H rows of ceil(W·C·B / 8) bytes, most significant bit first, in a pixel channel after channel
 *
 * Pixels stay packed; an image is unpacked when it is read. Nothing is allocated before the header has been checked against
 * the length of the file. Files come gzipped: `readIpkFile.node.ts` unzips them.
 */
import { checkIndex } from "./ImageSet.js";

export const IPK_HEADER_BYTES = 28;
/** The most that the reader takes, unzipped: 2 GiB minus one byte, the largest offset that a signed 32-bit number holds. */
export const IPK_MAXIMUM_BYTES = 2 ** 31 - 1;
/** Labels are names of classes, drawers, faces: larger ones are taken for damage. */
export const IPK_MAXIMUM_LABEL = 2 ** 24;

export interface IpkHeader {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** 1, 2 or 8 bits a sample. */
  readonly bits: number;
  readonly labelColumns: number;
  /** Bytes of the whole file, unzipped. */
  readonly bytes: number;
}

/** An unzipped container. */
export interface IpkImages extends IpkHeader {
  readonly name: string;
  /** Label column `k` of every image, [N]. */
  readonly label: (k: number) => Int32Array;
  /** Writes image `index` as [C, H, W], values in [0, 1] (sample / (2^B − 1)). */
  readonly read: (index: number, out: Float32Array, offset?: number) => undefined;
}

/** Reads and checks the first 28 bytes. Throws an error that names the file and the byte that is wrong. */
export function readIpkHeader(bytes: Uint8Array, name: string): IpkHeader {
  if (bytes.length < IPK_HEADER_BYTES) {
    throw new Error(`${name}: the header is ${IPK_HEADER_BYTES} bytes, but the file ends at byte ${bytes.length}.`);
  }
  const magic = [0x49, 0x50, 0x4b, 0x31]; // "IPK1"
  const wrong = magic.findIndex((byte, index) => bytes[index] !== byte);
  if (wrong >= 0) {
    const found = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new Error(
      `${name}: an image container starts with "IPK1" (49 50 4b 31), this one with ${found} (byte ${wrong}).`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number): number => view.getUint32(at, true);
  const header = {
    count: word(4),
    height: word(8),
    width: word(12),
    channels: word(16),
    bits: word(20),
    labelColumns: word(24),
  };
  const { count, height, width, channels, bits, labelColumns } = header;
  const reject = (at: number, rule: string, value: number): never => {
    throw new Error(`${name}: ${rule}, but the header says ${value} (byte ${at}).`);
  };
  if (count < 1) reject(4, "a container has at least one image", count);
  if (height < 1 || height > 65_535) reject(8, "the height of an image is 1 .. 65535", height);
  if (width < 1 || width > 65_535) reject(12, "the width of an image is 1 .. 65535", width);
  if (channels !== 1 && channels !== 3) reject(16, "an image has 1 or 3 channels", channels);
  if (bits !== 1 && bits !== 2 && bits !== 8) reject(20, "a sample has 1, 2 or 8 bits", bits);
  if (labelColumns > 64) reject(24, "an image has at most 64 labels", labelColumns);
  // At most 2^32 · (4 · 64 + 2^16 · 3 · 2^16) < 2^66: never infinite, and exact wherever it passes the next line.
  const total = IPK_HEADER_BYTES + count * (4 * labelColumns + height * rowBytes(header));
  if (total > IPK_MAXIMUM_BYTES) {
    throw new Error(
      `${name}: the header promises ${count} images of ${height}x${width}x${channels} with ${bits} bits a sample, ` +
        `${total} bytes; the reader takes at most ${IPK_MAXIMUM_BYTES} (bytes 4 to 27).`,
    );
  }
  return { ...header, bytes: total };
}

/** Each row is padded to a whole byte. */
function rowBytes(header: { width: number; channels: number; bits: number }): number {
  return Math.ceil((header.width * header.channels * header.bits) / 8);
}

/**
 * Opens an unzipped container over its bytes (kept, not copied).
 *
 * @throws Error naming the file and the byte: wrong magic, an impossible header, a file that ends too early or too late, a label
 * that is negative or above 2^24.
 */
export function readIpk(bytes: Uint8Array, name: string): IpkImages {
  const header = readIpkHeader(bytes, name);
  const { count, height, width, channels, bits, labelColumns } = header;
  if (bytes.length !== header.bytes) {
    throw new Error(
      `${name}: by its header the file ends at byte ${header.bytes} (${count} images of ${height}x${width}x${channels}, ` +
        `${bits} bits a sample, ${labelColumns} labels each), but it ends ${bytes.length < header.bytes ? "early" : "late"}, at byte ${bytes.length}.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const labels = new Int32Array(count * labelColumns);
  for (let entry = 0; entry < labels.length; entry++) {
    const at = IPK_HEADER_BYTES + 4 * entry;
    labels[entry] = view.getInt32(at, true);
    if (labels[entry] < 0 || labels[entry] > IPK_MAXIMUM_LABEL) {
      throw new Error(
        `${name}: a label lies in 0 .. ${IPK_MAXIMUM_LABEL}, but image ${Math.floor(entry / labelColumns)} has ` +
          `${labels[entry]} in label column ${entry % labelColumns} (byte ${at}).`,
      );
    }
  }

  const label = (k: number): Int32Array => {
    if (!(Number.isInteger(k) && k >= 0 && k < labelColumns)) {
      throw new Error(`${name}: label columns are 0 .. ${labelColumns - 1}, asked for ${k}.`);
    }
    return Int32Array.from({ length: count }, (_, image) => labels[image * labelColumns + k]);
  };

  const firstPixel = IPK_HEADER_BYTES + 4 * labels.length;
  const stride = rowBytes(header);
  const largest = 2 ** bits - 1;
  const levels = Float32Array.from({ length: largest + 1 }, (_, value) => value / largest);
  const read = (index: number, out: Float32Array, offset = 0): undefined => {
    checkIndex(name, index, count);
    for (let row = 0; row < height; row++) {
      const from = firstPixel + (index * height + row) * stride;
      for (let sample = 0; sample < width * channels; sample++) {
        const bit = sample * bits;
        const value = (bytes[from + (bit >> 3)] >> (8 - bits - (bit & 7))) & largest;
        // channels is 1 or 3; for one channel the sample is the column
        const column = channels === 1 ? sample : Math.floor(sample / channels);
        const channel = sample - column * channels;
        out[offset + (channel * height + row) * width + column] = levels[value];
      }
    }
  };
  return { ...header, name, label, read };
}
