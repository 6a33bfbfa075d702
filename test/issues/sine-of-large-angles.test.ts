/**
 * The wasm engine's sine and cosine lost their angle beyond π · 2^28, by hundreds of units in the last place, and had nothing to do with a
 * sine between 2^89 and 2^90: the reduction of large angles in the compiler's float32 library shifts by 64 there.
 */
import assert from "node:assert/strict";
import { it } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import { stream } from "../../src/tensor/random.js";

for (const name of ["sin", "cos"] as const) {
  it(`${name} is the nearest float32 but for a hair, whatever the size of the angle`, async () => {
    const random = stream("large angles", name);
    const angles = Float32Array.from({ length: 50_000 }, (_, i) => (-2) ** (i % 128) * (1 + random.uniform()));
    const engine = await openEngine("wasm", { threads: 1 });
    const found = engine.scope(() => engine.unary(name, engine.tensor(angles, [angles.length])).dataSync());
    await engine.close();
    for (const [i, angle] of angles.entries()) {
      const exact = Math[name](angle);
      // half a unit in the last place, and a thousandth for what two libraries differ by in float64
      const off = Math.abs(found[i] - exact) / (2 ** -24 * 2 ** Math.ceil(Math.log2(Math.abs(exact))));
      assert.ok(off <= 1.001, `${name} ${angle} is ${exact}, not ${found[i]}: ${off} halves of a unit`);
    }
  });
}
