/**
 * Initial values of parameters, each a pure function of (seed, parameter name, position).
 *
 * A value does not depend on the order in which modules are made or on what else a network contains. He et al. 2015 for the
 * Kaiming rule; `uniform(1/√fan in)` is what PyTorch gives convolutions and linear layers unless told otherwise.
 */
import type { FloatArray } from "../tensor/engine.js";
import { hashNormal, hashUniform, stream, type Key } from "../tensor/random.js";
import { sizeOf, type Shape } from "../tensor/shape.js";

/** Fills `target`, the elements of a tensor of that shape. */
export type Initializer = (target: FloatArray, shape: Shape, key: Key) => void;

/** The key of one parameter's values. */
export function parameterKey(seed: number | string, name: string): Key {
  return stream(seed, "parameter", name).key();
}

/** The same value everywhere. */
export function constantValue(value: number): Initializer {
  return (target) => void target.fill(value);
}

/** N(0, std²) */
export function normal(std: number): Initializer {
  return fillRows((key, row, column) => std * hashNormal(key, row, column));
}

/** U(−bound, bound) */
export function uniform(bound: number): Initializer {
  return fillRows((key, row, column) => bound * (2 * hashUniform(key, row, column) - 1));
}

/** N(0, std²) without the values beyond ±cut standard deviations, which are drawn again. */
export function truncatedNormal(std: number, cut = 2): Initializer {
  return fillRows((key, row, column) => {
    for (let attempt = 0; ; attempt++) {
      const value = hashNormal([key[0], key[1] + attempt], row, column);
      if (Math.abs(value) <= cut) return std * value;
    }
  });
}

/** N(0, 2 / fan out): keeps the variance of gradients through layers followed by a ReLU. Weight: [O, C/groups, KH, KW] or [O, I]. */
export function kaimingNormalFanOut(): Initializer {
  return (target, shape, key) => {
    const [out, , ...kernel] = shape;
    normal(Math.sqrt(2 / (out * sizeOf(kernel))))(target, shape, key);
  };
}

/** PyTorch's default for weight and bias: U(−1/√fan in, 1/√fan in). The fan in of a bias is that of its weight. */
export function uniformFanIn(fanIn: number): Initializer {
  return uniform(1 / Math.sqrt(fanIn));
}

/** A row is one index of the first axis. */
function fillRows(value: (key: Key, row: number, column: number) => number): Initializer {
  return (target, shape, key) => {
    const rows = shape[0] ?? 1;
    const columns = target.length / rows;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) target[row * columns + column] = value(key, row, column);
    }
  };
}
