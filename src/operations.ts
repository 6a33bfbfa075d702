/**
 * The one list of operations: those of autograd, and those that other rooms declare.
 *
 * It drives the tests of every operation (property-tests/operations) and the table in docs/operations.md: whoever adds an operation
 * here adds its tests, and one without samples or without a generator of calls fails them.
 */
import type { Operation } from "./autograd/operation.js";
import { operations as autogradOperations } from "./autograd/operations/index.js";
import { synchronizedBatchNormOperation } from "./nn/layers/synchronizedBatchNorm.js";
import { gatherRanksOperation } from "./pfc/gatherRanks.js";
import { softmaxCrossEntropyOperation } from "./pfc/softmaxCrossEntropy.js";

/** Every operation of the library. */
export const operations = [
  ...autogradOperations,
  synchronizedBatchNormOperation,
  softmaxCrossEntropyOperation,
  gatherRanksOperation,
] as unknown as readonly Operation[];
