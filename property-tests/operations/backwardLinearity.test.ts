/**
 * Every derivative is linear in dy: backward of 2·u + v is 2·backward(u) + backward(v), whatever the operation. u and v are small fractions of
 * powers of two, so that their combination is exact and only the three derivatives round.
 */
import { describe } from "node:test";
import { answer, bounds, seedOf } from "./answer.js";
import { assertWithin } from "./close.js";
import { float32Engines } from "./engines.js";
import { everyOperation } from "./everyOperation.js";
import { combined } from "./linearity.js";

const u = (size: number): number[] => seedOf(size, "u");
const v = (size: number): number[] => seedOf(size, "v");
const both = (size: number): number[] => combined((a, b) => 2 * a + b, u(size), v(size));

describe("backward is linear in dy", () => {
  const engines = float32Engines();
  everyOperation(
    "wide",
    (operation, call) => {
      const allowed = [both, u, v].map((dy) => bounds(operation, call, dy).allowed.gradients);
      for (const engine of engines) {
        const [whole, first, second] = [both, u, v].map((dy) => answer(engine, operation, call, dy).gradients);
        for (const [position, gradient] of whole.entries()) {
          if (!gradient) continue;
          const parts = combined((a, b) => 2 * a + b, first[position] ?? [], second[position] ?? []);
          const [a, b, c] = allowed.map((gradients) => gradients[position] ?? []);
          const sum = combined((x, y, z) => x + 2 * y + z, a, b, c);
          // parts is rounded in float64, which no bound of 0 allows for
          const room = combined(
            (bound, part) => (bound < Infinity ? bound + 2 ** -52 * Math.abs(part) : bound),
            sum,
            parts,
          );
          assertWithin(gradient, parts, room, `${engine.name}: gradient of input ${position}`);
        }
      }
    },
    { runs: 60 },
  );
});
