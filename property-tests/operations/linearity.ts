/** Operations with the inputs in which they are linear. */
import type { Operation } from "../../src/autograd/index.js";
import type { HostArray } from "../arbitraries/arrays.js";
import type { Call } from "../arbitraries/operationCalls.js";

/** Whether it is declared to be linear in this input. */
export function isLinearIn({ definition }: Operation, position: number): boolean {
  const { linearIn = [] } = definition;
  return linearIn === "all" || linearIn.includes(position);
}

/** The call with other numbers in one input. */
export function withInput(call: Call, position: number, values: readonly number[]): Call {
  const replaced: HostArray = { shape: call.inputs[position].shape, values };
  return { ...call, inputs: call.inputs.with(position, replaced) };
}

/** Element by element. */
export function combined(combine: (...elements: number[]) => number, ...lists: readonly ArrayLike<number>[]): number[] {
  return Array.from(lists[0], (_, i) => combine(...lists.map((list) => list[i])));
}

/** Σ a·b */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return combined((x, y) => x * y, a, b).reduce((sum, product) => sum + product, 0);
}

/** Σ |a|·b: what errors of up to b at every element may add up to in a sum with weights a. */
export function weighed(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return combined((x, y) => (y === 0 ? 0 : Math.abs(x) * y), a, b).reduce((sum, product) => sum + product, 0);
}
