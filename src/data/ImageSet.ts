/**
 * A labelled set of images in host memory: the one type that readers, drawings, transforms and loaders exchange.
 *
 * Pixels are kept as bytes (0 background, 255 full ink) and turned into floats in [0, 1] image by image, when they are read; so
 * 77,120 images of 32x32 occupy 79 MB instead of 316 MB. A set may also be a view (a choice of images, rotations) that owns no pixels,
 * or stay in its files and be decoded image by image: then reading is asynchronous.
 */

/** What reading an image returns: nothing where it is there at once, a promise where it is decoded first. */
export type Reading = undefined | Promise<void>;

export interface ImageSet<How extends Reading = Reading> {
  /** What the set is called in messages and reports. */
  readonly name: string;
  /** N, the number of images. */
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Number of classes; labels are 0 .. classes-1. */
  readonly classes: number;
  /** The class of each image, [N]. */
  readonly labels: Int32Array;
  /** Further whole numbers known of each image, [N] each: drawer, alphabet, typeface, identity, … */
  readonly columns: Readonly<Record<string, Int32Array>>;
  /** Further real numbers known of each image, [N] each: the true severity of blur, of noise, … */
  readonly measures: Readonly<Record<string, Float32Array>>;
  /** What image `index` is called, where it has a name of its own: its path within the set's folder. */
  readonly nameOf?: (index: number) => string;
  /** Writes image `index` as [C, H, W], values in [0, 1], into `out` from `offset` on (default 0). */
  readonly read: (index: number, out: Float32Array, offset?: number) => How;
}

/** A set in host memory: an image is there as soon as it is read. */
export type HostImageSet = ImageSet<undefined>;

export interface ByteImages {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** [N, C, H, W], 255 stands for 1. */
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
  /** Default: the largest label plus one. */
  readonly classes?: number;
  readonly columns?: Readonly<Record<string, Int32Array>>;
  readonly measures?: Readonly<Record<string, Float32Array>>;
}

/** The float that each byte stands for: a division a byte would cost more than the look-up. */
const LEVELS = Float32Array.from({ length: 256 }, (_, value) => value / 255);

/** Number of values of one image, C·H·W. */
export function imageSize(set: { channels: number; height: number; width: number }): number {
  return set.channels * set.height * set.width;
}

/** What its images are called; those without a name of their own by class and number, `class3/image17`. */
export function imageNames({ labels, nameOf }: Pick<ImageSet, "labels" | "nameOf">): string[] {
  return Array.from(labels, (label, index) => nameOf?.(index) ?? `class${label}/image${index}`);
}

/** Writes v / 255 for every byte v, into `out` from `offset` on. */
export function bytesToFloats(bytes: Uint8Array, out: Float32Array, offset: number): void {
  for (let i = 0; i < bytes.length; i++) out[offset + i] = LEVELS[bytes[i]];
}

/** Reads several images, one after the other in `out`: [B, C, H, W]. A set that decodes works on all of them at a time. */
export async function readImages(set: ImageSet, indices: Int32Array, out: Float32Array): Promise<void> {
  const size = imageSize(set);
  await Promise.all(Array.from(indices, async (image, place) => set.read(image, out, place * size)));
}

/** An image set over bytes. Throws where the number of pixels, labels or column entries do not belong together. */
export function byteImageSet(images: ByteImages): HostImageSet {
  const { name, height, width, channels, pixels, labels, columns = {}, measures = {} } = images;
  const size = imageSize(images);
  const count = labels.length;
  if (pixels.length !== count * size) {
    throw new Error(
      `${name}: ${count} labels with images of ${channels}x${height}x${width} need ${count * size} pixels, given ${pixels.length}.`,
    );
  }
  const classes = images.classes ?? labels.reduce((largest, label) => Math.max(largest, label), -1) + 1;
  checkLabels(name, labels, classes, { ...columns, ...measures });
  const read = (index: number, out: Float32Array, offset = 0): undefined => {
    checkIndex(name, index, count);
    bytesToFloats(pixels.subarray(index * size, (index + 1) * size), out, offset);
  };
  return { name, count, height, width, channels, classes, labels, columns, measures, read };
}

/** Throws unless 0 ≤ index < count. */
export function checkIndex(name: string, index: number, count: number): void {
  if (!(index >= 0 && index < count && Number.isInteger(index))) {
    throw new Error(`${name}: an image index lies in 0 .. ${count - 1}, given ${index}.`);
  }
}

/** Throws unless every label lies in 0 .. classes-1 and every column has one entry an image. */
export function checkLabels(
  name: string,
  labels: Int32Array,
  classes: number,
  columns: Readonly<Record<string, { readonly length: number }>>,
): void {
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    throw new Error(`${name}: labels lie in 0 .. ${classes - 1}, but image ${wrong} has label ${labels[wrong]}.`);
  }
  for (const [column, values] of Object.entries(columns)) {
    if (values.length !== labels.length) {
      throw new Error(`${name}: column "${column}" has ${values.length} entries for ${labels.length} images.`);
    }
  }
}
