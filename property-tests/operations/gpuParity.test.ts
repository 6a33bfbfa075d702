/**
 * Every operation, forward and backward, in every mode of the GPU engine that runs in Node: against float64, and its derivatives against
 * differences on the same engine.
 *
 * What an element may be off follows from what WebGPU promises of its arithmetic (roundoff/arithmetic.ts), also where the host computes: the
 * kernels are the same, and one of GPU.js' modes may not be better than what a GPU is allowed.
 */
import { WGSL } from "../../src/tensor/engines/roundoff/index.js";
import { inEveryMode } from "../../test/tensor/engines/gpu/inEveryMode.js";
import { bounds, laterAnswer, seedOf } from "./answer.js";
import { assertAnswer } from "./close.js";
import { checkDirections } from "./directions.js";
import { everyOperation } from "./everyOperation.js";

inEveryMode("agrees with float64", (engine) => {
  everyOperation(
    "wide",
    async (operation, call) => {
      const expected = bounds(operation, call, seedOf, WGSL);
      assertAnswer(await laterAnswer(engine(), operation, call), expected, engine().name);
    },
    { runs: 10 },
  );
});

inEveryMode("has the derivatives that differences say", (engine) => {
  everyOperation("smooth", (operation, call) => checkDirections(operation, call, [engine()], WGSL), { runs: 5 });
});
