/** Generators of calls for every operation on the list; one that has none is an error at once. */
import { operations } from "../../src/operations.js";
import type { CallGenerator } from "./operationCall.js";
import { elementwiseCalls } from "./operationCallsElementwise.js";
import { imageCalls } from "./operationCallsImages.js";
import { lossCalls } from "./operationCallsLosses.js";
import { rowCalls } from "./operationCallsRows.js";
import { shapeCalls } from "./operationCallsShape.js";

export { samplesOf, type Call, type CallGenerator } from "./operationCall.js";

const generators = [...elementwiseCalls, ...shapeCalls, ...rowCalls, ...imageCalls, ...lossCalls];

/** One for each operation, in the order of the list. */
export const operationCalls: readonly CallGenerator[] = operations.map((operation) => {
  const { name } = operation.definition;
  const generator = generators.find((candidate) => candidate.operation === operation);
  if (!generator)
    throw new Error(`operationCalls: the operation "${name}" is on the list, but no generator makes calls of it.`);
  return generator;
});
