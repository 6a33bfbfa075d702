/**
 * Built-in identities: images for a machine that has no data, any number of identities.
 *
 * An identity is a set of curved strokes, a sample is one picture of it (pose, hand, pen, blur, noise, cover, contrast), and every
 * image is a pure function of (seed, identity, sample): sets of any size agree where they overlap. One channel, ink on an empty ground.
 * Difficulty: the nearest other image by raw pixels (cosine) shows the same person in 51 % of cases among 200 unseen
 * identities of 12 samples; five small convolutions trained for seven epochs on 2,000 others reach 94 %.
 */
import { hashBits } from "../../tensor/random.js";
import { gaussianBlur } from "../gaussianBlur.js";
import { byteImageSet, type HostImageSet } from "../ImageSet.js";
import { checkSeverity, drawAppearance, FACTORS, type Appearance, type Factor, type Severity } from "./appearance.js";
import { drawStrokes } from "./drawStrokes.js";
import { identityStrokes, type Stroke } from "./identityStrokes.js";

export interface BuiltinOptions {
  /** Number of identities, the classes of the set. */
  readonly identities: number;
  /** Samples of each. */
  readonly samples: number;
  /** Height and width in pixels, 16 .. 128. */
  readonly side: number;
  readonly seed: number | string;
  /**
   * How bad the worst picture is: 0 shows the bare shapes, 1 (default) is meant for training, 2 is hardly readable. Or a number a factor,
   * `{ pose: 1 }`: the others are then 0, and every picture is as far from the bare shape in this factor as it is with all of them.
   */
  readonly severity?: Severity;
  /** Number of the first identity (default 0): sets that must not share identities start at different numbers. */
  readonly firstIdentity?: number;
  readonly name?: string;
}

/**
 * Draws the set: image `identity · samples + sample`, label = identity − firstIdentity. Column `identity` and `sample`; measures: the severity of
 * each factor, in [0, its severity], and `severity`, their mean.
 */
export function builtinIdentities(options: BuiltinOptions): HostImageSet {
  const { identities, samples, side, seed, severity = 1, firstIdentity = 0, name = "built-in identities" } = options;
  checkCount("identities", identities, 1, 2 ** 28);
  checkCount("samples", samples, 1, 2 ** 20);
  checkCount("side", side, 16, 128);
  checkCount("firstIdentity", firstIdentity, 0, 2 ** 30);
  checkSeverity(severity);
  const count = identities * samples;
  checkCount("bytes of all images", count * side * side, 1, 2 ** 32);

  const pixels = new Uint8Array(count * side * side);
  const measures = Object.fromEntries(["severity", ...FACTORS].map((factor) => [factor, new Float32Array(count)]));
  const canvas = sampleCanvas(side);
  for (let label = 0; label < identities; label++) {
    const identity = firstIdentity + label;
    const strokes = identityStrokes(seed, identity);
    for (let sample = 0; sample < samples; sample++) {
      const index = label * samples + sample;
      const appearance = drawAppearance(seed, identity, sample, severity);
      canvas.draw(strokes, appearance, pixels, index * side * side);
      for (const factor of FACTORS) measures[factor][index] = appearance.severities[factor];
      measures.severity[index] = meanSeverity(appearance.severities);
    }
  }
  const labels = Int32Array.from({ length: count }, (_, index) => Math.floor(index / samples));
  const columns = {
    identity: labels.map((label) => firstIdentity + label),
    sample: labels.map((_, index) => index % samples),
  };
  return byteImageSet({
    name,
    height: side,
    width: side,
    channels: 1,
    pixels,
    labels,
    classes: identities,
    columns,
    measures,
  });
}

function meanSeverity(severities: Readonly<Record<Factor, number>>): number {
  return FACTORS.reduce((sum, factor) => sum + severities[factor], 0) / FACTORS.length;
}

function checkCount(what: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new Error(`built-in identities: ${what} is a whole number in ${least} .. ${most}, given ${value}.`);
  }
}

/** A canvas of one size that is drawn on again and again. */
function sampleCanvas(side: number): {
  draw(strokes: readonly Stroke[], appearance: Appearance, pixels: Uint8Array, offset: number): void;
} {
  const image = new Float32Array(side * side);
  const draw = (strokes: readonly Stroke[], appearance: Appearance, pixels: Uint8Array, offset: number): void => {
    image.fill(0);
    const posed = strokes.map((stroke) => pose(stroke, appearance));
    drawStrokes(posed, appearance.penRadius, image, side);
    gaussianBlur(image, 0, side, side, (appearance.blur * side) / 2, "background");
    for (let i = 0; i < image.length; i++) image[i] *= appearance.ink;
    coverUp(image, side, appearance.cover);
    for (let i = 0; i < image.length; i++) {
      const noise = appearance.noise === 0 ? 0 : appearance.noise * roughlyNormal(hashBits(appearance.noiseKey, 0, i));
      pixels[offset + i] = Math.round(255 * Math.min(1, Math.max(0, image[i] + noise)));
    }
  };
  return { draw };
}

/** Moves the control points a little, each by itself, and then all together. */
function pose(stroke: Stroke, { pose, jitter }: Appearance): Stroke {
  const posed = new Float64Array(stroke.length);
  for (let i = 0; i < stroke.length; i += 2) {
    const x = stroke[i] + jitter();
    const y = stroke[i + 1] + jitter();
    posed[i] = pose.xx * x + pose.xy * y + pose.shiftX;
    posed[i + 1] = pose.yx * x + pose.yy * y + pose.shiftY;
  }
  return posed;
}

function coverUp(image: Float32Array, side: number, { left, top, width, height, value }: Appearance["cover"]): void {
  const pixel = (position: number): number => Math.round(((position + 1) / 2) * side);
  for (let row = pixel(top); row < pixel(top + height); row++) {
    image.fill(value, row * side + pixel(left), row * side + pixel(left + width));
  }
}

/** Standard deviation of the sum of four independent bytes. */
const FOUR_BYTES_DEVIATION = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

/** Mean 0, deviation 1, almost normal: the sum of the four bytes of a hash; a quarter of the cost of a normal number. */
function roughlyNormal(bits: number): number {
  const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
  return (sum - 510) / FOUR_BYTES_DEVIATION;
}
