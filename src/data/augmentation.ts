/**
 * Random changes to a training image, as one option object: a crop, an affine map, a flip, colour noise, an erased rectangle, a degradation,
 * in this order: first what moves pixels, then what changes their values.
 *
 * Erasing is Zhong et al. 2017 with a constant value. What is drawn for an image depends on the given generator alone, and the
 * generator of an image is a counter-based hash of (key, image): making a stream for each image would cost more than the map.
 */
import { hashUniform, type Key } from "../tensor/random.js";
import { applyAffine, checkAffineRanges, drawAffine, type AffineRanges, type Planes, type Uniform } from "./affine.js";
import { addColourNoise } from "./colourNoise.js";
import { checkDegradations, degrade, drawDegradation, type Degradation } from "./degradation.js";
import { flipHorizontally } from "./flip.js";
import { checkCropRanges, randomResizedCrop, type CropRanges } from "./randomCrop.js";

export interface Augmentation {
  /** A random part at the size of the whole; {} is the usual one, of 8 % of the area or more. */
  readonly crop?: CropRanges;
  readonly affine?: AffineRanges;
  /** Probability of a mirror image, 0 .. 1. Characters change their meaning: only for faces and things. */
  readonly flip?: number;
  /** Standard deviation of noise along the principal components of colours, usually 0.1; images of red, green and blue only. */
  readonly colourNoise?: number;
  /** Probability that a rectangle is erased, and the largest share of the area that it may have (default 0.2). */
  readonly erase?: { readonly probability: number; readonly area?: number };
  /** Probability that the image is degraded once, and the kinds that may happen to it (default: all), the severity even in [0, 1). */
  readonly degrade?: { readonly probability: number; readonly kinds?: readonly Degradation[] };
  /** What lies outside the image, and in an erased rectangle; default 0. */
  readonly background?: number;
}

const PHOTOGRAPHS = { affine: { rotation: 8, scale: 8, shear: 0, translation: 6 }, flip: 0.5 } as const;

/** Settings that suit the sets this library knows; what a person writing or a camera might do, and no more. */
export const DEFAULT_AUGMENTATION = {
  /** Hand-drawn, centred loosely: as in Koch et al. 2015, section 3.2, but wider. */
  omniglot: { affine: { rotation: 15, scale: 15, shear: 15, translation: 15 } },
  /** Set in type, centred and upright already. */
  glyphs: { affine: { rotation: 5, scale: 10, shear: 5, translation: 8 } },
  /** Drawn upright, on white; a mirrored arrow or flag is another one. */
  emoji: { affine: { rotation: 8, scale: 10, shear: 4, translation: 8 }, background: 1 },
  /** Aligned faces: a mirror image and nothing else, as Partial FC was trained. */
  recordio: { flip: 0.5 },
  /** Photographs of things or people, not aligned. */
  folder: PHOTOGRAPHS,
  cub: PHOTOGRAPHS,
  cars: PHOTOGRAPHS,
  sop: PHOTOGRAPHS,
  inshop: PHOTOGRAPHS,
  /** Drawn with a pose of their own. */
  builtin: { affine: { rotation: 8, scale: 8, shear: 4, translation: 6 } },
} as const satisfies Record<string, Augmentation>;

/** Throws a sentence for a range or probability that makes no sense. */
export function checkAugmentation(augmentation: Augmentation): void {
  const { crop, affine, flip = 0, colourNoise = 0, erase, degrade: degradation } = augmentation;
  if (crop) checkCropRanges(crop);
  if (affine) checkAffineRanges(affine);
  if (degradation?.kinds) checkDegradations(degradation.kinds);
  for (const [name, value] of Object.entries({
    flip,
    "erase.probability": erase?.probability ?? 0,
    "erase.area": erase?.area ?? 0.2,
    "degrade.probability": degradation?.probability ?? 0,
  })) {
    if (!(value >= 0 && value <= 1)) throw new Error(`augmentation: ${name} lies in 0 .. 1, given ${value}.`);
  }
  if (!(colourNoise >= 0 && colourNoise < Infinity)) {
    throw new Error(`augmentation: colourNoise is a standard deviation, 0 or more, given ${colourNoise}.`);
  }
}

/** Changes the image [C, H, W] of `input` at 0 and writes it to `output` at `offset`. The two arrays are different. */
export function augment(
  input: Float32Array,
  output: Float32Array,
  offset: number,
  planes: Planes,
  augmentation: Augmentation,
  random: Uniform,
): void {
  const { crop, affine, flip = 0, colourNoise = 0, erase, degrade: degradation, background = 0 } = augmentation;
  const shown = crop ? randomResizedCrop(input, planes, crop, random) : input;
  if (affine) {
    const map = drawAffine(affine, planes.height, planes.width, random);
    applyAffine(shown, 0, output, offset, planes, map, background);
  } else {
    output.set(shown.subarray(0, planes.channels * planes.height * planes.width), offset);
  }
  if (flip > 0 && random.uniform() < flip) flipHorizontally(output, offset, planes);
  if (colourNoise > 0) addColourNoise(output, offset, planes, colourNoise, random);
  if (erase && random.uniform() < erase.probability) {
    eraseRectangle(output, offset, planes, random, erase.area ?? 0.2, background);
  }
  if (degradation && random.uniform() < degradation.probability) {
    degrade(output, offset, planes, drawDegradation(random, degradation.kinds), random);
  }
}

function eraseRectangle(
  images: Float32Array,
  offset: number,
  { channels, height, width }: Planes,
  random: Uniform,
  largestArea: number,
  value: number,
): void {
  const area = largestArea * random.uniform() * height * width;
  const aspect = 0.5 * 4 ** random.uniform(); // 1/2 .. 2, evenly in its logarithm
  const rows = Math.min(height, Math.round(Math.sqrt(area * aspect)));
  const columns = Math.min(width, Math.round(Math.sqrt(area / aspect)));
  const top = Math.floor(random.uniform() * (height - rows + 1));
  const left = Math.floor(random.uniform() * (width - columns + 1));
  for (let channel = 0; channel < channels; channel++) {
    for (let row = top; row < top + rows; row++) {
      const begin = offset + (channel * height + row) * width + left;
      images.fill(value, begin, begin + columns);
    }
  }
}

/** The numbers of one image: `uniform()` is hash (key, image, 0), (key, image, 1), … */
export function imageRandom(key: Key, image: number): Uniform {
  let column = 0;
  return { uniform: () => hashUniform(key, image, column++) };
}
