/** Functions of one operand, element by element: dL/dx = dL/dy · f′(x), with f′ written in x or, where that is shorter, in y. */
import type { Tensor } from "../../tensor/tensor.js";
import { operation } from "../operation.js";
import type { Variable } from "../variable.js";
import { awayFrom, between } from "./sampleValues.js";
import { unary } from "./unary.js";

export const negateOperation = unary("negate", (dy, { engine }) => engine.unary("negate", dy), {
  linearIn: [0],
});

/** −x */
export function negate(x: Variable): Variable {
  return negateOperation([x], undefined);
}

export const absoluteOperation = unary(
  "absolute",
  (dy, { engine, x }) => engine.binary("multiply", dy, engine.unary("sign", x)),
  { values: awayFrom([0]), kinks: "0: gradient 0" },
);

/** |x|; gradient 0 at 0 */
export function absolute(x: Variable): Variable {
  return absoluteOperation([x], undefined);
}

export const expOperation = unary("exp", (dy, { engine, y }) => engine.binary("multiply", dy, y));

/** eˣ */
export function exp(x: Variable): Variable {
  return expOperation([x], undefined);
}

export const logOperation = unary("log", (dy, { engine, x }) => engine.binary("divide", dy, x), {
  values: between(0.2, 3),
});

/** Natural logarithm */
export function log(x: Variable): Variable {
  return logOperation([x], undefined);
}

export const sqrtOperation = unary(
  "sqrt",
  (dy, { engine, y }) => engine.affine(engine.binary("divide", dy, y), 0.5, 0),
  { values: between(0.2, 3) },
);

/** √x; the gradient at 0 is infinite */
export function sqrt(x: Variable): Variable {
  return sqrtOperation([x], undefined);
}

export const squareOperation = unary("square", (dy, { engine, x }) =>
  engine.affine(engine.binary("multiply", dy, x), 2, 0),
);

/** x² */
export function square(x: Variable): Variable {
  return squareOperation([x], undefined);
}

export const reciprocalOperation = unary(
  "reciprocal",
  (dy, { engine, y }) => engine.unary("negate", engine.binary("multiply", dy, engine.unary("square", y))),
  { values: awayFrom([0], 0.5) },
);

/** 1 / x */
export function reciprocal(x: Variable): Variable {
  return reciprocalOperation([x], undefined);
}

export const sinOperation = unary("sin", (dy, { engine, x }) => engine.binary("multiply", dy, engine.unary("cos", x)));

/** Sine of an angle in radians */
export function sin(x: Variable): Variable {
  return sinOperation([x], undefined);
}

export const cosOperation = unary("cos", (dy, { engine, x }) =>
  engine.unary("negate", engine.binary("multiply", dy, engine.unary("sin", x))),
);

/** Cosine of an angle in radians */
export function cos(x: Variable): Variable {
  return cosOperation([x], undefined);
}

export const arccosOperation = unary(
  "arccos",
  // −1 / √(1 − x²)
  (dy, { engine, x }) => {
    const sine = engine.unary("sqrt", engine.affine(engine.unary("square", x), -1, 1));
    return engine.unary("negate", engine.binary("divide", dy, sine));
  },
  { values: between(-0.9, 0.9) },
);

/** Angle in [0, π] of a cosine in [−1, 1]; the gradient at ±1 is infinite: clamp before. */
export function arccos(x: Variable): Variable {
  return arccosOperation([x], undefined);
}

export const tanhOperation = unary("tanh", (dy, { engine, y }) =>
  engine.binary("multiply", dy, engine.affine(engine.unary("square", y), -1, 1)),
);

/** (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ) */
export function tanh(x: Variable): Variable {
  return tanhOperation([x], undefined);
}

export const erfOperation = unary("erf", (dy, { engine, x }) => {
  const bell = engine.unary("exp", engine.unary("negate", engine.unary("square", x)));
  return engine.affine(engine.binary("multiply", dy, bell), 2 / Math.sqrt(Math.PI), 0);
});

/** 2/√π ∫₀ˣ e^(−t²) dt */
export function erf(x: Variable): Variable {
  return erfOperation([x], undefined);
}

export const affineOperation = operation<[Tensor], { readonly scale: number; readonly shift: number }>({
  name: "affine",
  signature: "x → scale · x + shift",
  forward: (engine, [x], { scale, shift }) => ({ y: engine.affine(x, scale, shift) }),
  backward: (dy, { engine, options: { scale } }) => [engine.affine(dy, scale, 0)],
  samples: [
    { inputs: [{ shape: [2, 3] }], options: { scale: -1.5, shift: 0.25 } },
    { inputs: [{ shape: [] }], options: { scale: 0, shift: 1 } },
    { inputs: [{ shape: [13] }], options: { scale: 64, shift: 0 } },
  ],
  linearIn: [0],
});

/** scale · x + shift */
export function affine(x: Variable, scale: number, shift: number): Variable {
  return affineOperation([x], { scale, shift });
}

export const clampOperation = operation<[Tensor], { readonly low: number; readonly high: number }>({
  name: "clamp",
  signature: "x → min(max(x, low), high)",
  check(_inputs, { low, high }) {
    if (!(low <= high)) throw new Error(`clamp: low must not exceed high; given low ${low} and high ${high}.`);
  },
  forward: (engine, [x], { low, high }) => ({ y: engine.clamp(x, low, high) }),
  // 1 on the closed interval, so that a value which is exactly at a bound can still move back
  backward(dy, { engine, inputs: [x], options: { low, high } }) {
    const above = engine.binary("greaterEqual", x, engine.full([], low));
    const below = engine.binary("greaterEqual", engine.full([], high), x);
    return [engine.binary("multiply", dy, engine.binary("multiply", above, below))];
  },
  samples: [
    { inputs: [{ shape: [3, 5], values: awayFrom([-0.5, 0.7]) }], options: { low: -0.5, high: 0.7 } },
    { inputs: [{ shape: [7], values: awayFrom([0]) }], options: { low: 0, high: Infinity } },
    { inputs: [{ shape: [1] }], options: { low: -100, high: 100 } },
  ],
  kinks: "low and high: gradient 1",
});

/** x within [low, high]; gradient 1 on the closed interval, 0 outside */
export function clamp(x: Variable, low: number, high: number): Variable {
  return clampOperation([x], { low, high });
}
