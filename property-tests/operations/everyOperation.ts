/** One property for each operation on the list, over generated calls; then the samples that the operations declare. */
import { it } from "node:test";
import type { Operation } from "../../src/autograd/index.js";
import { operationCalls, samplesOf, type Call } from "../arbitraries/operationCalls.js";
import { property } from "../property.js";

interface EveryOperationOptions {
  readonly runs?: number;
  /** Default: all. */
  readonly only?: (operation: Operation) => boolean;
}

/** Declares the tests: `check` throws where a call does not do what the file claims. */
export function everyOperation(
  calls: "wide" | "smooth",
  check: (operation: Operation, call: Call) => void | Promise<void>,
  { runs, only = () => true }: EveryOperationOptions = {},
): void {
  const chosen = operationCalls.filter(({ operation }) => only(operation));
  for (const { operation, [calls]: generated } of chosen) {
    property(operation.definition.name, [generated], (call) => check(operation, call), { runs });
  }
  it("the samples of all of them", async () => {
    for (const { operation } of chosen) for (const call of samplesOf(operation)) await check(operation, call);
  });
}
