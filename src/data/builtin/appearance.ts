/**
 * How one sample of an identity was "taken": pose, hand, pen, blur, noise, cover, contrast, each with a known severity.
 *
 * A severity of 0 leaves the image as the identity is; 1 is the worst this camera does. Pose, hand and pen vary evenly, as they do between
 * photographs; what spoils a picture (blur, noise, cover, low contrast) is mostly mild and sometimes bad. An estimate of
 * image quality can so be compared with what is true.
 */
import { stream, type Key } from "../../tensor/random.js";

/** The seven ways in which samples of an identity differ. */
export const FACTORS = ["pose", "jitter", "thickness", "blur", "noise", "occlusion", "contrast"] as const;
export type Factor = (typeof FACTORS)[number];

/** How bad the worst picture is: in all seven ways alike, or in each by itself; ways that are not named are then left out (0). */
export type Severity = number | Readonly<Partial<Record<Factor, number>>>;

/** What severity 1 means. Lengths are in units of half the image side. */
const WORST = {
  /** Degrees, factors, degrees, lengths: the pose vector has length `severity` when each is measured in these. */
  rotation: 45,
  scale: 0.4,
  shear: 0.45,
  translation: 0.35,
  /** Standard deviation by which each control point moves. */
  jitter: 0.11,
  /** The pen is up to 2^0.7 wider or narrower. */
  thickness: 0.7,
  /** Standard deviation of the Gaussian. */
  blur: 0.1,
  /** Standard deviation, of ink 1. */
  noise: 0.18,
  /** Share of the image's area. */
  occlusion: 0.25,
  /** What ink loses of its 1. */
  contrast: 0.55,
} as const;

/** Radius of the pen: a little under a pixel at 28 pixels. */
const PEN_RADIUS = 0.065;

export interface Appearance {
  readonly severities: Readonly<Record<Factor, number>>;
  /** Where a point of the shape lands: x' = xx·x + xy·y + shiftX, y' = yx·x + yy·y + shiftY. */
  readonly pose: { xx: number; xy: number; yx: number; yy: number; shiftX: number; shiftY: number };
  /** Added to the control points' coordinates, one after the other. */
  readonly jitter: () => number;
  readonly penRadius: number;
  readonly blur: number;
  readonly noise: number;
  readonly noiseKey: Key;
  /** A rectangle of one grey value, in [−1, 1]². Nothing if its area is 0. */
  readonly cover: { left: number; top: number; width: number; height: number; value: number };
  /** Value of ink. */
  readonly ink: number;
}

/**
 * The appearance of a sample: a pure function of (seed, identity, sample), its severities in proportion to `severity`. How many numbers
 * are drawn does not depend on `severity`: a factor alone looks as it does among the others.
 */
export function drawAppearance(
  seed: number | string,
  identity: number,
  sample: number,
  severity: Severity,
): Appearance {
  const random = stream(seed, "sample", identity, sample);
  const worst = (factor: Factor): number => (typeof severity === "number" ? severity : (severity[factor] ?? 0));
  const even = (factor: Factor): number => worst(factor) * random.uniform();
  const mostlyMild = (factor: Factor): number => worst(factor) * random.uniform() ** 2;
  const severities = {
    pose: even("pose"),
    jitter: even("jitter"),
    thickness: even("thickness"),
    blur: mostlyMild("blur"),
    noise: mostlyMild("noise"),
    occlusion: random.uniform() < 0.75 ? 0 : even("occlusion"),
    contrast: mostlyMild("contrast"),
  };
  const pose = drawPose(severities.pose, () => random.normal());
  const widening = random.uniform() < 0.5 ? -1 : 1;

  const area = 4 * WORST.occlusion * severities.occlusion; // of the square [−1, 1]²
  const aspect = 0.5 * 4 ** random.uniform();
  const [width, height] = [Math.sqrt(area * aspect), Math.sqrt(area / aspect)];
  const cover = {
    width,
    height,
    left: -1 + (2 - width) * random.uniform(),
    top: -1 + (2 - height) * random.uniform(),
    value: 0.6 * random.uniform(),
  };
  const noiseKey = random.key();
  return {
    severities,
    pose,
    jitter: () => WORST.jitter * severities.jitter * random.normal(),
    penRadius: PEN_RADIUS * 2 ** (widening * WORST.thickness * severities.thickness),
    blur: WORST.blur * severities.blur,
    noise: WORST.noise * severities.noise,
    noiseKey,
    cover,
    ink: 1 - WORST.contrast * severities.contrast,
  };
}

/** @throws Error unless every severity lies in 0 .. 2 and every name is one of `FACTORS`. */
export function checkSeverity(severity: Severity): void {
  const check = (what: string, value: number): void => {
    if (!(value >= 0 && value <= 2)) throw new Error(`built-in identities: ${what} lies in 0 .. 2, given ${value}.`);
  };
  if (typeof severity === "number") return check("severity", severity);
  for (const [factor, value] of Object.entries(severity)) {
    if (!(FACTORS as readonly string[]).includes(factor)) {
      throw new Error(`built-in identities: severities are those of ${FACTORS.join(", ")}, given "${factor}".`);
    }
    check(`the severity of ${factor}`, value);
  }
}

/** A turn, a change of size, a slant and a shift in a random direction of their joint space, `severity` far out. */
function drawPose(severity: number, normal: () => number): Appearance["pose"] {
  const direction = [normal(), normal(), normal(), normal(), normal()];
  const length = Math.hypot(...direction);
  const [turn, size, slant, right, down] = direction.map((value) => (severity * value) / length);
  const angle = (turn * WORST.rotation * Math.PI) / 180;
  const scale = 1 + size * WORST.scale;
  const shear = slant * WORST.shear;
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  // turn · [1, shear; 0, 1]
  return {
    xx: cos,
    xy: cos * shear - sin,
    yx: sin,
    yy: sin * shear + cos,
    shiftX: right * WORST.translation,
    shiftY: down * WORST.translation,
  };
}
