/**
 * From an encoded image (JPEG, PNG, WebP, …) to bytes [3, S, S], by sharp (Node only).
 *
 * Channels are red, green, blue, here and everywhere after. The picture is turned upright as its EXIF note says, what is transparent lies on
 * black, and grey becomes three equal channels. It is scaled, keeping its proportions, until the short side has S pixels, and the
 * middle S x S is cut out; a picture of S x S already is not touched. Where a box is given, the part of the upright picture within it is treated
 * as if it were the picture.
 */
import type { Sharp } from "sharp";
import { boxRectangle, type Box } from "./cropBox.js";

export const DECODED_CHANNELS = 3;
/** More are refused before memory is taken for them: a small file may claim to be a huge picture. */
const MOST_PIXELS = 2 ** 26; // 8192 x 8192

/** @throws Error naming `where` (file, key) if the bytes are no image, or damaged, or if the box does not lie in it. */
export async function decodeImage(encoded: Uint8Array, side: number, where: string, box?: Box): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp"); // a native library: data sets without encoded images do without it
  const upright = (): Sharp =>
    sharp(encoded, { limitInputPixels: MOST_PIXELS, failOn: "truncated" }) // throws at once where there are no bytes
      .autoOrient()
      .flatten({ background: "black" })
      .toColourspace("srgb");
  const square = async (picture: Sharp): Promise<Uint8Array> => {
    const { data, info } = await bytesOf(
      picture.resize({ width: side, height: side, fit: "cover", position: "centre" }),
    );
    return planes(data, info.channels);
  };
  if (!box) return named(encoded, where, async () => square(upright()));
  const { data, info } = await named(encoded, where, async () => bytesOf(upright()));
  try {
    return await square(sharp(data, { raw: info }).extract(boxRectangle(box, info)));
  } catch (cause) {
    throw new Error(`${where}: ${(cause as Error).message}`, { cause });
  }
}

interface Bytes {
  /** [H, W, K] */
  readonly data: Buffer;
  readonly info: { readonly width: number; readonly height: number; readonly channels: 1 | 2 | 3 | 4 };
}

async function bytesOf(picture: Sharp): Promise<Bytes> {
  return picture.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
}

/** What goes wrong is said of the image. */
async function named<T>(encoded: Uint8Array, where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = (cause as Error).message.split("\n")[0].replace("pixel limit", `the limit of ${MOST_PIXELS} pixels`);
    throw new Error(`${where}: the image cannot be decoded: ${reason} (${encoded.length} bytes).`, { cause });
  }
}

/** [H, W, K] → [3, H, W]; of a single channel, three times the same. */
function planes(pixels: Uint8Array, channels: number): Uint8Array {
  const plane = pixels.length / channels;
  const out = new Uint8Array(DECODED_CHANNELS * plane);
  for (let channel = 0; channel < DECODED_CHANNELS; channel++) {
    const from = channels < DECODED_CHANNELS ? 0 : channel;
    for (let i = 0; i < plane; i++) out[channel * plane + i] = pixels[i * channels + from];
  }
  return out;
}
