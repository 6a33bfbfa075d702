/** Clipping to a global norm (Pascanu et al. 2013): the norm ends at the limit or where it was, and the direction stays. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { clipGradientNorm } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { free, pushGradient } from "../../test/nn/trainables.js";
import { arrays, type HostArray } from "../arbitraries/arrays.js";
import { between, extreme, moderate } from "../arbitraries/numbers.js";
import { shapes } from "../arbitraries/shapes.js";
import { assertWithin } from "../operations/close.js";
import { engines, roundingOf } from "../engines.js";
import { property } from "../property.js";
import { UNDERFLOW } from "./underflow.js";

/** Gradients of a few parameters of any shape, scalars among them; null where a parameter got none. */
const gradients = fc.array(
  fc.option(
    shapes({ maxRank: 3 }).chain((shape) => arrays(shape, fc.oneof(moderate(), extreme()))),
    { freq: 5 },
  ),
  { minLength: 1, maxLength: 5 },
);

interface Clipped {
  readonly norm: number;
  readonly values: readonly number[];
}

/** Norm as told, and all gradients afterwards. */
function clip(engine: Engine, parts: readonly (HostArray | null)[], maximum: number): Clipped {
  const parameters = parts.map((part) => ({
    variable: free(engine, part?.values.map(() => 0) ?? [0], part?.shape ?? [1]),
  }));
  for (const [position, part] of parts.entries()) {
    if (part) pushGradient(engine, parameters[position].variable, part.values);
  }
  const told = clipGradientNorm(parameters, maximum);
  const norm = told.dataSync()[0];
  told.dispose();
  const values = parameters.flatMap(({ variable: { grad } }, position) => {
    assert.equal(grad === undefined, parts[position] === null);
    return grad ? [...grad.dataSync()] : [];
  });
  for (const { variable } of parameters) {
    variable.zeroGrad();
    variable.tensor.dispose();
  }
  return { norm, values };
}

const valuesOf = (parts: readonly (HostArray | null)[]): number[] => parts.flatMap((part) => part?.values ?? []);
const normOf = (values: readonly number[]): number => Math.hypot(...values);

/** A sum of n squares and its root, relative: each square and each addition rounds once; twice that for products of errors. */
const slack = (engine: Engine, count: number): number => 2 * (count + 4) * roundingOf(engine);

describe("clipping", () => {
  property(
    "tells the norm of all gradients together, before",
    [gradients, between(1e-3, 10)],
    (parts, maximum) => {
      const expected = normOf(valuesOf(parts));
      for (const engine of engines) {
        const { norm } = clip(engine, parts, maximum);
        // squares under the smallest float32, 1.4e-45, are lost: numbers under 4e-23
        const allowed = slack(engine, valuesOf(parts).length) * expected + 1e-21;
        assertWithin([norm], [expected], [allowed], `${engine.name}: norm`);
      }
    },
    { runs: 200 },
  );

  property(
    "multiplies all gradients by min(1, limit / norm) and no more",
    [gradients, between(1e-3, 10)],
    (parts, maximum) => {
      const before = valuesOf(parts);
      const factor = Math.min(1, maximum / (normOf(before) + 1e-6));
      for (const engine of engines) {
        const { values } = clip(engine, parts, maximum);
        const relative = slack(engine, before.length) + 8 * roundingOf(engine); // the factor has four roundings more
        const allowed = before.map((x) => relative * factor * Math.abs(x) + UNDERFLOW);
        assertWithin(
          values,
          before.map((x) => factor * x),
          allowed,
          engine.name,
        );
        assert.ok(normOf(values) <= Math.max(maximum, 0) * (1 + relative), `${engine.name}: ${normOf(values)}`);
      }
    },
    { runs: 200 },
  );

  property(
    "does not touch a bit of gradients within the limit, nor of any under a limit of infinity",
    [gradients, fc.boolean()],
    (parts, endless) => {
      for (const engine of engines) {
        // 1 % and 1e-5 over the norm: well clear of rounding, and of the 1e-6 in the formula
        const maximum = endless ? Infinity : 1.01 * normOf(valuesOf(parts)) + 1e-5;
        assert.deepEqual(
          clip(engine, parts, maximum).values.map((x) => x + 0),
          valuesOf(parts).map((x) => x + 0),
        );
      }
    },
  );
});
