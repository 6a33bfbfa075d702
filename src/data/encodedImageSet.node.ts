/** An image set that stays encoded, in files or in memory: an image is fetched and decoded when it is read (Node only). */
import { DECODED_CHANNELS, decodeImage } from "./decodeImage.node.js";
import { bytesToFloats, checkIndex, checkLabels, type ImageSet } from "./ImageSet.js";

export interface EncodedImages {
  readonly name: string;
  /** Height and width after decoding. */
  readonly side: number;
  readonly labels: Int32Array;
  readonly classes: number;
  /** The encoded bytes of image `index`. */
  readonly fetch: (index: number) => Uint8Array | Promise<Uint8Array>;
  /** What to call image `index` when it cannot be decoded: its file, its key. */
  readonly where: (index: number) => string;
  readonly nameOf?: ImageSet["nameOf"];
}

export function encodedImageSet(images: EncodedImages): ImageSet<Promise<void>> {
  const { name, side, labels, classes, fetch, where, nameOf } = images;
  checkLabels(name, labels, classes, {});
  const read = async (index: number, out: Float32Array, offset = 0): Promise<void> => {
    checkIndex(name, index, labels.length);
    bytesToFloats(await decodeImage(await fetch(index), side, where(index)), out, offset);
  };
  const count = labels.length;
  const size = { height: side, width: side, channels: DECODED_CHANNELS };
  return { name, count, ...size, classes, labels, columns: {}, measures: {}, ...(nameOf && { nameOf }), read };
}
