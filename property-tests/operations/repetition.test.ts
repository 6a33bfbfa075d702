/** Nothing of a call depends on what ran before it: the same call again gives the same bits, forward and backward. */
import { describe } from "node:test";
import { answer, seedOf } from "./answer.js";
import { assertSameBits } from "./close.js";
import { float32Engines } from "./engines.js";
import { everyOperation } from "./everyOperation.js";

describe("the same call twice gives the same bits", () => {
  const engines = float32Engines();
  everyOperation("wide", (operation, call) => {
    for (const engine of engines) {
      const first = answer(engine, operation, call);
      // another call leaves other numbers in memory that the next may reuse
      answer(engine, operation, call, (size) => seedOf(size, "other"));
      assertSameBits(answer(engine, operation, call), first, engine.name);
    }
  });
});
