/** Activations, and dropout. */
import { formatShape, sizeOf } from "../../tensor/shape.js";
import { hashUniform, type Key } from "../../tensor/random.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation, type Sample, type SampleInput } from "../operation.js";
import type { Variable } from "../variable.js";
import { awayFrom } from "./sampleValues.js";
import { unary } from "./unary.js";

function samplesOf(values?: SampleInput["values"]): Sample<undefined>[] {
  return [[3, 4], [1], [2, 3, 1, 5]].map((shape) => ({ inputs: [{ shape, values }], options: undefined }));
}

// ── piecewise linear ────────────────────────────────────────────────────────────────────────────────────────────────

export const reluOperation = operation<[Tensor]>({
  name: "relu",
  signature: "x → max(x, 0)",
  forward: (engine, [x]) => ({ y: engine.clamp(x, 0, Infinity) }),
  backward(dy, { engine, y }) {
    return [engine.binary("multiply", dy, engine.unary("sign", y))]; // y ≥ 0, so its sign is 1 or 0
  },
  samples: samplesOf(awayFrom([0])),
  kinks: "0: gradient 0",
});

/** max(x, 0); gradient 0 at 0 */
export function relu(x: Variable): Variable {
  return reluOperation([x], undefined);
}

export const relu6Operation = operation<[Tensor]>({
  name: "relu6",
  signature: "x → min(max(x, 0), 6)",
  forward: (engine, [x]) => ({ y: engine.clamp(x, 0, 6) }),
  // 1 strictly between the bounds: y is 0 or 6 where x is at or beyond one
  backward(dy, { engine, y }) {
    const inside = engine.binary("multiply", engine.unary("sign", y), engine.binary("greater", engine.full([], 6), y));
    return [engine.binary("multiply", dy, inside)];
  },
  samples: samplesOf((random, size) => awayFrom([0, 1])(random, size).map((value) => 6 * value)),
  kinks: "0 and 6: gradient 0",
});

/** min(max(x, 0), 6); gradient 0 at both bounds */
export function relu6(x: Variable): Variable {
  return relu6Operation([x], undefined);
}

export const preluOperation = operation<[Tensor, Tensor]>({
  name: "prelu",
  signature: "[B, C, …], [C] or [1] → [B, C, …]",
  check([x, slope]) {
    const fits = slope.rank === 1 && (slope.size === 1 || (x.rank >= 2 && slope.size === x.shape[1]));
    if (!fits) {
      throw new Error(
        `prelu: takes [B, C, …] and one slope for each of the C channels, or a single one; ` +
          `given ${formatShape(x.shape)} with ${formatShape(slope.shape)}.`,
      );
    }
  },
  forward: (engine, [x, slope]) => ({ y: engine.prelu(x, slope) }),
  // dx = dy or slope · dy; dslope = Σ x · dy over the elements that are not positive: those the slope multiplied
  backward(dy, { engine, inputs: [x, slope] }) {
    const { dx, dslope } = engine.preluGradient(x, slope, dy);
    return [dx, dslope];
  },
  samples: [
    { inputs: [{ shape: [3, 4], values: awayFrom([0]) }, { shape: [4] }], options: undefined },
    { inputs: [{ shape: [2, 3, 3, 5], values: awayFrom([0]) }, { shape: [3] }], options: undefined },
    { inputs: [{ shape: [2, 5, 2, 1], values: awayFrom([0]) }, { shape: [1] }], options: undefined },
    { inputs: [{ shape: [7], values: awayFrom([0]) }, { shape: [1] }], options: undefined },
  ],
  linearIn: [1],
  kinks: "x = 0: gradient slope · dy",
});

/** x where x > 0, else slope[c] · x (He et al. 2015).  x: [B, C, …]; slope: [C], or [1] for all channels */
export function prelu(x: Variable, slope: Variable): Variable {
  return preluOperation([x, slope], undefined);
}

// ── smooth ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const sigmoidOperation = unary("sigmoid", (dy, { engine, y }) =>
  engine.binary("multiply", dy, engine.binary("multiply", y, engine.affine(y, -1, 1))),
);

/** 1 / (1 + e^(−x)) */
export function sigmoid(x: Variable): Variable {
  return sigmoidOperation([x], undefined);
}

/** Φ(x) = ½ (1 + erf(x / √2)), the probability that a standard normal number is below x. */
function normalDistribution(x: Tensor): Tensor {
  const { engine } = x;
  return engine.affine(engine.unary("erf", engine.affine(x, Math.SQRT1_2, 0)), 0.5, 0.5);
}

/** φ(x) = e^(−x²/2) / √(2π), the derivative of Φ. */
function normalDensity(x: Tensor): Tensor {
  const { engine } = x;
  return engine.affine(
    engine.unary("exp", engine.affine(engine.unary("square", x), -0.5, 0)),
    1 / Math.sqrt(2 * Math.PI),
    0,
  );
}

export const geluOperation = operation<[Tensor]>({
  name: "gelu",
  signature: "x → x · Φ(x)",
  forward: (engine, [x]) => ({ y: engine.binary("multiply", x, normalDistribution(x)) }),
  // Φ(x) + x · φ(x)
  backward(dy, { engine, inputs: [x] }) {
    const slope = engine.binary("add", normalDistribution(x), engine.binary("multiply", x, normalDensity(x)));
    return [engine.binary("multiply", dy, slope)];
  },
  samples: samplesOf(),
});

/** x · Φ(x), exact (Hendrycks and Gimpel 2016) */
export function gelu(x: Variable): Variable {
  return geluOperation([x], undefined);
}

/** tanh(√(2/π) · (x + 0.044715 x³)) of Hendrycks and Gimpel's approximation 2Φ(x) ≈ 1 + tanh(…) */
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

export const geluTanhOperation = operation<[Tensor], undefined, { readonly t: Tensor }>({
  name: "geluTanh",
  signature: "x → ½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))",
  forward(engine, [x]) {
    const cubic = engine.affine(engine.unary("square", x), GELU_SCALE * GELU_CUBIC, GELU_SCALE);
    const t = engine.unary("tanh", engine.binary("multiply", x, cubic));
    return { y: engine.binary("multiply", x, engine.affine(t, 0.5, 0.5)), saved: { t } };
  },
  // ½ (1 + t) + ½ x (1 − t²) √(2/π) (1 + 3 · 0.044715 x²)
  backward(dy, { engine, inputs: [x], saved: { t } }) {
    const inner = engine.affine(engine.unary("square", x), 1.5 * GELU_SCALE * GELU_CUBIC, 0.5 * GELU_SCALE);
    const steepness = engine.binary("multiply", engine.affine(engine.unary("square", t), -1, 1), inner);
    const slope = engine.binary("add", engine.affine(t, 0.5, 0.5), engine.binary("multiply", x, steepness));
    return [engine.binary("multiply", dy, slope)];
  },
  samples: samplesOf(),
});

/** The tanh approximation of `gelu` */
export function geluTanh(x: Variable): Variable {
  return geluTanhOperation([x], undefined);
}

// ── dropout ─────────────────────────────────────────────────────────────────────────────────────────────────────────

interface DropoutOptions {
  readonly rate: number;
  readonly key: Key;
}

export const dropoutOperation = operation<[Tensor], DropoutOptions, { readonly mask: Tensor }>({
  name: "dropout",
  signature: "x → x · mask / (1 − rate)",
  check(_inputs, { rate }) {
    if (!(rate >= 0 && rate < 1)) throw new Error(`dropout: the rate must lie in [0, 1); given ${rate}.`);
  },
  forward(engine, [x], { rate, key }) {
    const rows = x.shape[0] ?? 1;
    const columns = sizeOf(x.shape.slice(1));
    const factors = new Float32Array(x.size);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) factors[i * columns + j] = hashUniform(key, i, j) < rate ? 0 : 1;
    }
    const mask = engine.affine(engine.tensor(factors, x.shape), 1 / (1 - rate), 0);
    return { y: engine.binary("multiply", x, mask), saved: { mask } };
  },
  backward: (dy, { engine, saved: { mask } }) => [engine.binary("multiply", dy, mask)],
  samples: [
    { inputs: [{ shape: [3, 5] }], options: { rate: 0.4, key: [1, 2] } },
    { inputs: [{ shape: [2, 1, 3, 3] }], options: { rate: 0, key: [1, 2] } },
    { inputs: [{ shape: [] }], options: { rate: 0.5, key: [3, 4] } },
  ],
  linearIn: [0],
});

/** Drops elements with probability `rate` and scales the others by 1/(1 − rate). Which ones is a function of the key alone. */
export function dropout(x: Variable, rate: number, key: Key): Variable {
  return rate === 0 ? x : dropoutOperation([x], { rate, key });
}
