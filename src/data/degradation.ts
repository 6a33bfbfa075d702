/**
 * Degradations of known severity: an image is spoilt in one of five ways, by an amount that is written down.
 *
 * What an estimate of image quality says can so be compared with what was done to the image. A severity of 0 leaves every bit as
 * it is; what 1 means is chosen so that recognition suffers about alike from each kind, in units relative to the image
 * side, so that it is the same at every resolution. Left out: mixtures (apply one after the other), compression, motion blur.
 */
import type { Planes, Uniform } from "./affine.js";
import { areaResizer } from "./areaResize.js";
import { gaussianBlur } from "./gaussianBlur.js";

export const DEGRADATIONS = ["blur", "noise", "occlusion", "lowResolution", "contrast"] as const;
export type Degradation = (typeof DEGRADATIONS)[number];

export interface DrawnDegradation {
  readonly kind: Degradation;
  /** In [0, 1]; 0 leaves every bit as it is. */
  readonly severity: number;
}

/** What severity 1 means. */
export const WORST_DEGRADATION = {
  /** Standard deviation of the Gaussian, of the shorter side: 2.9 pixels of 32. */
  blur: 0.09,
  /** Standard deviation of the Gaussian noise of each value, of the range [0, 1]; what leaves the range is cut off. */
  noise: 0.5,
  /** Share of the area under one rectangle of COVER. */
  occlusion: 0.45,
  /** Height and width left, of those of the image: the amount is this to the power of the severity. */
  lowResolution: 0.2,
  /** Share of the distance from the image's mean that each value loses. */
  contrast: 0.85,
} as const satisfies Record<Degradation, number>;

/** The value of a covering rectangle: mid-grey is neither ink nor background, so that it can be seen that something is hidden. */
const COVER = 0.5;

/** A kind, each of `kinds` (default: all) equally likely, and a severity, even in [0, 1). Always two numbers of `random`. */
export function drawDegradation(random: Uniform, kinds: readonly Degradation[] = DEGRADATIONS): DrawnDegradation {
  const kind = kinds[Math.floor(random.uniform() * kinds.length)];
  return { kind, severity: random.uniform() };
}

/**
 * Degrades the image [C, H, W] of `images` at `offset`, in place: values in [0, 1] before and after.
 *
 * For one state of `random`, a larger severity is more of the same: the same noise, louder; a larger rectangle about the smaller one.
 *
 * @throws Error for a severity outside [0, 1] or an unknown kind.
 */
export function degrade(
  images: Float32Array,
  offset: number,
  planes: Planes,
  { kind, severity }: DrawnDegradation,
  random: Uniform,
): void {
  checkSeverity(severity);
  checkDegradations([kind]);
  if (severity === 0) return;
  OPERATORS[kind](images, offset, planes, severity, random);
  const end = offset + planes.channels * planes.height * planes.width;
  for (let i = offset; i < end; i++) images[i] = Math.min(1, Math.max(0, images[i]));
}

/** @throws Error unless there is a kind, and each is one of `DEGRADATIONS`. */
export function checkDegradations(kinds: readonly string[]): void {
  const unknown = kinds.find((kind) => !(DEGRADATIONS as readonly string[]).includes(kind));
  if (kinds.length === 0 || unknown !== undefined) {
    const given = unknown === undefined ? "none" : `"${unknown}"`;
    throw new Error(`degradation: the kinds are ${DEGRADATIONS.join(", ")}, one of them at least, given ${given}.`);
  }
}

/** @throws Error unless 0 ≤ severity ≤ 1. */
export function checkSeverity(severity: number): void {
  if (!(severity >= 0 && severity <= 1)) {
    throw new Error(`degradation: a severity lies in 0 .. 1, given ${severity}.`);
  }
}

type Operator = (images: Float32Array, offset: number, planes: Planes, severity: number, random: Uniform) => void;

const OPERATORS: Readonly<Record<Degradation, Operator>> = {
  blur: (images, offset, { channels, height, width }, severity) => {
    const deviation = WORST_DEGRADATION.blur * severity * Math.min(height, width);
    for (let channel = 0; channel < channels; channel++) {
      gaussianBlur(images, offset + channel * height * width, height, width, deviation, "mirror");
    }
  },

  noise: (images, offset, { channels, height, width }, severity, random) => {
    const deviation = WORST_DEGRADATION.noise * severity;
    const end = offset + channels * height * width;
    for (let i = offset; i < end; i += 2) {
      // Box and Muller: two normal numbers of two even ones
      const radius = deviation * Math.sqrt(-2 * Math.log(1 - random.uniform()));
      const angle = 2 * Math.PI * random.uniform();
      images[i] += radius * Math.cos(angle);
      if (i + 1 < end) images[i + 1] += radius * Math.sin(angle);
    }
  },

  occlusion: (images, offset, { channels, height, width }, severity, random) => {
    const share = WORST_DEGRADATION.occlusion * severity;
    const aspect = 0.5 * 4 ** random.uniform(); // 1/2 .. 2 times the image's own, evenly in its logarithm
    const rows = Math.min(height, Math.round(height * Math.sqrt(share * aspect)));
    const columns = Math.min(width, Math.round(width * Math.sqrt(share / aspect)));
    const top = Math.floor(random.uniform() * (height - rows + 1));
    const left = Math.floor(random.uniform() * (width - columns + 1));
    for (let channel = 0; channel < channels; channel++) {
      for (let row = top; row < top + rows; row++) {
        const begin = offset + (channel * height + row) * width + left;
        images.fill(COVER, begin, begin + columns);
      }
    }
  },

  lowResolution: (images, offset, { channels, height, width }, severity) => {
    const left = WORST_DEGRADATION.lowResolution ** severity;
    const [rows, columns] = [height, width].map((side) => Math.max(1, Math.round(left * side)));
    const reduce = areaResizer(height, width, rows, columns);
    const enlarge = areaResizer(rows, columns, height, width);
    const reduced = new Float32Array(rows * columns);
    for (let channel = 0; channel < channels; channel++) {
      const plane = offset + channel * height * width;
      reduce(images, plane, reduced, 0);
      enlarge(reduced, 0, images, plane);
    }
  },

  contrast: (images, offset, { channels, height, width }, severity) => {
    const kept = 1 - WORST_DEGRADATION.contrast * severity;
    const end = offset + channels * height * width;
    let sum = 0;
    for (let i = offset; i < end; i++) sum += images[i];
    const mean = sum / (end - offset);
    for (let i = offset; i < end; i++) images[i] = mean + kept * (images[i] - mean);
  },
};
