/**
 * What one function of float32 may be off, on a processor and on a GPU.
 *
 * A loss is given the result and the exact operands and says how far at most a device's result lies from it. `IEEE` is what the wasm
 * engine keeps to. `WGSL` is what WebGPU promises of every driver (WebGPU Shading Language, section 15.7.4, "Floating point accuracy"): there are
 * GPUs that do much better, and none may do worse. Products and sums are rounded correctly on both.
 */
import type { BinaryName, UnaryName } from "../../engine.js";

/** Half the distance of 1 to the next float32: what one correct rounding may be off, relative to the result. */
export const UNIT = 2 ** -24;

export type Loss = (y: number, ...operands: number[]) => number;

export interface Arithmetic {
  readonly unary: Readonly<Record<UnaryName, Loss>>;
  readonly binary: Readonly<Record<BinaryName, Loss>>;
  /** Units that a division may be off. */
  readonly division: number;
  /** What a result may be off because it is so small: half the least subnormal number; or all of one, where these may become 0. */
  readonly smallest: number;
}

/** So many units of the result: 1 where it is the nearest float32, 2 for each further "ULP". */
export function units(count: number): Loss {
  return (y) => count * UNIT * Math.abs(y);
}

export const exactly: Loss = () => 0;

/** The others are from `engines/wasm/kernels/functions.ts`; sine, cosine, arc cosine and power, of AssemblyScript's library, keep within a unit of the last place. */
export const IEEE: Arithmetic = {
  unary: {
    negate: exactly,
    absolute: exactly,
    sign: exactly,
    sqrt: units(1),
    square: units(1),
    reciprocal: units(1),
    exp: units(4),
    log: units(4),
    sin: units(2),
    cos: units(2),
    arccos: units(2),
    sigmoid: units(5),
    tanh: units(6),
    erf: units(6),
  },
  binary: {
    add: units(1),
    subtract: units(1),
    multiply: units(1),
    divide: units(1),
    power: units(2),
    maximum: exactly,
    minimum: exactly,
    greater: exactly,
    greaterEqual: exactly,
    equal: exactly,
  },
  division: 1,
  smallest: 2 ** -149,
};

/** x / y: 2.5 ULP */
const DIVISION = 5;
/** sqrt(x) is 1.0 / inverseSqrt(x), the latter within 2 ULP */
const ROOT = 4 + DIVISION;

/** exp(x): 3 + 2·|x| ULP; in units */
function ofExp(x: number): number {
  return 6 + 4 * Math.abs(x);
}

/** log(x), log2(x): 2^−21 for x in [0.5, 2], else 3 ULP */
const ofLog: Loss = (y, x) => (x >= 0.5 && x <= 2 ? 2 ** -21 : 6 * UNIT * Math.abs(y));

/** x^y is exp2(y · log2(x)) */
const ofPower: Loss = (y, x, exponent) => {
  if (y === 0 || exponent === 0) return 0;
  const logarithm = Math.log2(x);
  const shift = Math.abs(exponent) * (ofLog(logarithm, x) + UNIT * Math.abs(logarithm)); // of what is raised to
  return Math.abs(y) * (Math.expm1(Math.LN2 * shift) + ofExp(exponent * logarithm) * UNIT);
};

/** Losses of `engines/gpu/functions.ts`, step by step. */
const ofSigmoid: Loss = (y, x) => Math.abs(y) * UNIT * (1 + DIVISION + (ofExp(x) + 1) * (1 - y));
const ofTanh: Loss = (y, x) => {
  const size = Math.abs(x);
  if (size < 0.625) return 6 * UNIT * Math.abs(y);
  return UNIT * (1 + (1 - Math.abs(y)) * (1 + DIVISION + ofExp(2 * size)));
};
const ofErf: Loss = (y, x) => {
  if (Math.abs(x) < 1) return 8 * UNIT * Math.abs(y);
  const rest = 1 - Math.abs(y);
  const exponent = Math.log(Math.max(rest, 1e-7));
  return UNIT * (2 + rest * (ofExp(exponent) + 4 * Math.abs(exponent)));
};
/** Beyond 1/2 through a root; to float32 nothing cancels. */
const ofArccos: Loss = (y) => (4 + ROOT) * UNIT * Math.abs(y) + UNIT;
/** The distance of x from n quarter turns is off by a rounding of its own, and by those of n times the parts of π/2. */
const ofAngle: Loss = (y, x) => 6 * UNIT * Math.abs(y) + UNIT * (2 ** -11 + 2 ** -20 * Math.abs(x));

export const WGSL: Arithmetic = {
  unary: {
    ...IEEE.unary,
    sqrt: units(ROOT),
    reciprocal: units(DIVISION),
    exp: (y, x) => units(ofExp(x))(y),
    log: ofLog,
    sin: ofAngle,
    cos: ofAngle,
    arccos: ofArccos,
    sigmoid: ofSigmoid,
    tanh: ofTanh,
    erf: ofErf,
  },
  binary: { ...IEEE.binary, divide: units(DIVISION), power: ofPower },
  division: DIVISION,
  smallest: 2 ** -126,
};
