/** Derivatives of the float32 engines along random directions (directions.ts). */
import { describe } from "node:test";
import { checkDirections } from "./directions.js";
import { float32Engines } from "./engines.js";
import { everyOperation } from "./everyOperation.js";

describe("float32 gradients are what float32 differences say", () => {
  const engines = float32Engines();
  everyOperation("smooth", (operation, call) => checkDirections(operation, call, engines), { runs: 50 });
});
