/**
 * From an encoded image (JPEG, PNG, WebP, …) to bytes [3, S, S], by sharp (Node only).
 *
 * Channels are red, green, blue, here and everywhere after. The picture is turned upright as its EXIF note says, what is transparent lies on
 * black, and grey becomes three equal channels. It is scaled, keeping its proportions, until the short side has S pixels, and the
 * middle S x S is cut out; a picture of S x S already is not touched.
 */

export const DECODED_CHANNELS = 3;
/** More are refused before memory is taken for them: a small file may claim to be a huge picture. */
const MOST_PIXELS = 2 ** 26; // 8192 x 8192

/** @throws Error naming `where` (file, key) if the bytes are no image, or damaged. */
export async function decodeImage(encoded: Uint8Array, side: number, where: string): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp"); // a native library: data sets without encoded images do without it
  try {
    const { data, info } = await sharp(encoded, { limitInputPixels: MOST_PIXELS, failOn: "truncated" })
      .autoOrient()
      .flatten({ background: "black" })
      .toColourspace("srgb")
      .resize({ width: side, height: side, fit: "cover", position: "centre" })
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return planes(data, info.channels);
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
