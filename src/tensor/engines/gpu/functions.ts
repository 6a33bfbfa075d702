/**
 * Sine, cosine, arc cosine, tanh and erf from arithmetic alone: WebGPU promises 2^−11 for sine and cosine and hardly more for the
 * others, where these are off by a few units in the last place; sine and cosine for |x| ≤ 1,600, and beyond by ever more, though never
 * outside [−1, 1].
 *
 * Before them, functions that a GPU has and that need not answer a NaN with NaN there, or infinity with infinity. What tells a NaN is
 * that it does not equal itself: `x !== x` is no such question on GPUs, `!(x === x)` is.
 *
 * The coefficients are those of Taylor series where nothing else is said.
 */
import { helper, type Helper } from "./kernel.js";

/** max(a, b); NaN if either is. */
export function larger(a: number, b: number): number {
  if (a === a && b === b) return Math.max(a, b);
  return a + b;
}

/** min(a, b); NaN if either is. */
export function smaller(a: number, b: number): number {
  if (a === a && b === b) return Math.min(a, b);
  return a + b;
}

/** e^x */
export function exponential(x: number): number {
  if (x === x) return Math.exp(x);
  return x;
}

/** log x: −∞ at 0, NaN below, as √ is there */
export function logarithm(x: number): number {
  if (x > 0) return Math.log(x);
  if (x === 0) return -1 / Math.abs(x);
  return Math.sqrt(x);
}

/** a^b for a ≥ 0, as JavaScript has it: 1 for b = 0 whatever a is, NaN for 1^±∞ */
export function power(a: number, b: number): number {
  if (b === 0) return 1;
  if (!(a === a && b === b)) return a + b;
  if (a === 1) {
    if (Math.abs(b) < 3.4028235e38) return 1;
    return Math.sqrt(-Math.abs(b)); // a driver may take ∞ − ∞ for 0
  }
  if (a !== 0) return Math.pow(a, b);
  if (b > 0) return 0; // a driver may take log 0 for −127
  return 1 / a;
}

/**
 * x − n · π/2 for the nearest n, π/2 in three parts of which n times the first two are exact for |n| < 2^10. Of a larger n little or
 * nothing is left but rounding errors, which are held to where the series below are those of a sine and a cosine.
 */
export function reduced(x: number, n: number): number {
  const r = x - n * 1.5703125 - n * 0.000483751296997 - n * 7.5497899548918e-8;
  if (r > 0.8) return 0.8;
  if (r < -0.8) return -0.8;
  return r;
}

/** sin r for |r| ≤ π/4 */
export function sineNearZero(r: number): number {
  const s = r * r;
  return r + r * s * (-0.16666666666 + s * (0.0083333333 + s * (-0.00019841269841 + s * 2.7557319e-6)));
}

/** cos r for |r| ≤ π/4 */
export function cosineNearZero(r: number): number {
  const s = r * r;
  return 1 - s * (0.5 - s * (0.0416666666667 - s * (0.00138888888889 - s * (0.0000248015873 - s * 2.75573192e-7))));
}

/** sin(r + n · π/2) */
export function sineOfQuarter(r: number, n: number): number {
  const quarter = n - 4 * Math.floor(n / 4 + 0.125); // 0, 1, 2 or 3
  if (quarter < 0.5) return sineNearZero(r);
  if (quarter < 1.5) return cosineNearZero(r);
  if (quarter < 2.5) return -sineNearZero(r);
  return -cosineNearZero(r);
}

/** sin x */
export function sine(x: number): number {
  const n = Math.floor(x * 0.636619772367581 + 0.5);
  return sineOfQuarter(reduced(x, n), n);
}

/** cos x = sin(x + π/2) */
export function cosine(x: number): number {
  const n = Math.floor(x * 0.636619772367581 + 0.5);
  return sineOfQuarter(reduced(x, n), n + 1);
}

/** arcsin x = x + x³·P(x²) for |x| ≤ 1/2; coefficients of Cephes' asinf (Moshier) */
export function arcsineNearZero(x: number): number {
  const s = x * x;
  const p = 0.16666752422 + s * (0.074953002686 + s * (0.045470025998 + s * (0.024181311049 + s * 0.042163199048)));
  return x + x * s * p;
}

/** arccos x: beyond 1/2 through arccos x = 2 · arcsin √((1 − x)/2), so that nothing cancels near 1; outside [−1, 1] NaN, as √ of less than 0 */
export function arccosine(x: number): number {
  if (x > 0.5) return 2 * arcsineNearZero(Math.sqrt(0.5 - 0.5 * x));
  if (x < -0.5) return 3.14159265358979 - 2 * arcsineNearZero(Math.sqrt(0.5 + 0.5 * x));
  return 1.5707963267949 - arcsineNearZero(x);
}

/** tanh x: x + x³·P(x²) near zero, else 1 − 2 / (e^2|x| + 1) with the sign of x; P fitted for the wasm engine */
export function hyperbolicTangent(x: number): number {
  const size = Math.min(Math.abs(x), 20);
  const s = x * x;
  if (size < 0.625) {
    const p = -0.3333328068 + s * (0.1333144158 + s * (-0.0537397154 + s * (0.0206390917 - s * 0.0057049911)));
    return x + x * s * p;
  }
  return Math.sign(x) * (1 - 2 / (Math.exp(size + size) + 1));
}

/** erf x: x + x·P(x²) for |x| < 1, else 1 − e^Q(|x| − 2) with the sign of x, erf 4 being 1 in float32; P and Q fitted for the wasm engine */
export function errorFunction(x: number): number {
  const s = x * x;
  if (s < 1) {
    const far = 0.0051883338 + s * (-0.0008010242 + s * 0.00007854008);
    return x + x * (0.1283791661 + s * (-0.3761262596 + s * (0.1128358543 + s * (-0.0268538147 + s * far))));
  }
  const t = Math.min(Math.abs(x), 4) - 2;
  const far = -0.0164872725 + t * (0.0035436873 + t * (-0.000712717 + t * 0.00018557489966));
  return Math.sign(x) * (1 - Math.exp(-5.3649411201 + t * (-4.4181594849 + t * (-0.9237530828 + t * far))));
}

function ofOne(body: (x: number) => number): Helper {
  return helper(body, ["Number"], "Number");
}

function ofTwo(body: (a: number, b: number) => number): Helper {
  return helper(body, ["Number", "Number"], "Number");
}

/** For kernels that use any of them. */
export const FUNCTIONS = [
  ...[sineNearZero, cosineNearZero, arcsineNearZero, sine, cosine, arccosine, hyperbolicTangent, errorFunction].map(
    ofOne,
  ),
  ...[exponential, logarithm].map(ofOne),
  ...[larger, smaller, power, reduced, sineOfQuarter].map(ofTwo),
];
