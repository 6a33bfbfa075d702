/** Functions that kernels compute from arithmetic alone, over their whole range, against JavaScript's in double precision. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { UnaryName } from "../../../../src/tensor/engine.js";
import { erf } from "../../../../src/tensor/engines/reference/erf.js";
import { WGSL } from "../../../../src/tensor/engines/roundoff/index.js";
import { inEveryMode } from "./inEveryMode.js";

const cases: readonly (readonly [name: UnaryName, exact: (x: number) => number, low: number, high: number])[] = [
  ["sin", Math.sin, -1600, 1600],
  ["cos", Math.cos, -1600, 1600],
  ["sin", Math.sin, -4, 4],
  ["cos", Math.cos, -4, 4],
  ["arccos", Math.acos, -1, 1],
  ["tanh", Math.tanh, -12, 12],
  ["tanh", Math.tanh, -0.7, 0.7],
  ["erf", erf, -5, 5],
  ["exp", Math.exp, -80, 80],
  ["log", Math.log, 1e-6, 4],
  ["sigmoid", (x) => 1 / (1 + Math.exp(-x)), -30, 30],
];

inEveryMode("functions", (engine) => {
  for (const [name, exact, low, high] of cases) {
    it(`${name} from ${low} to ${high}`, async () => {
      const points = Float32Array.from({ length: 20_001 }, (_, i) => low + ((high - low) * i) / 20_000);
      using y = engine().scope(() => engine().unary(name, engine().tensor(points, [points.length])));
      const values = await y.data();
      const loss = WGSL.unary[name];
      for (const [i, x] of points.entries()) {
        const allowed = loss(exact(x), x) + 2 ** -126;
        const off = Math.abs(values[i] - exact(x));
        assert.ok(off <= allowed, `${name}(${x}) is ${values[i]}, off by ${off} where ${allowed} is allowed`);
      }
    });
  }

  it("is defined at the ends, and nowhere beyond", async () => {
    using x = engine().tensor([-1, 1, 0, -1.5, 1.5], [5]);
    using angles = engine().unary("arccos", x);
    assert.deepEqual([...(await angles.data())], [Math.fround(Math.PI), 0, Math.fround(Math.PI / 2), NaN, NaN]);
    using large = engine().tensor([-100, 100], [2]);
    using signs = engine().scope(() =>
      engine().concatenate([engine().unary("tanh", large), engine().unary("erf", large)], 0),
    );
    assert.deepEqual([...(await signs.data())], [-1, 1, -1, 1]);
  });

  for (const name of ["sin", "cos"] as const) {
    it(`${name} of angles too large for it lies within [−1, 1]`, async () => {
      const angles = Float32Array.from({ length: 1001 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 1600 * 2 ** (i * 0.117));
      assert.ok(angles[1000] > 2e38 && angles[1000] < Infinity);
      using y = engine().scope(() => engine().unary(name, engine().tensor(angles, [angles.length])));
      for (const [i, value] of (await y.data()).entries()) {
        assert.ok(Math.abs(value) <= 1, `${name}(${angles[i]}) is ${value}`);
      }
    });
  }
});
