/**
 * Calls large enough that the wasm engine shares them between its threads, of awkward extents: ones, and remainders of every block.
 *
 * Numbers are hashed from a generated key; a generated list of 140,000 of them would take longer than any kernel.
 */
import fc from "fast-check";
import * as ag from "../../src/autograd/index.js";
import { hashUniform } from "../../src/tensor/random.js";
import { sizeOf, type Shape } from "../../src/tensor/shape.js";
import type { Call, Layout } from "./operationCall.js";
import { permutations } from "./shapes.js";

export interface LargeCall {
  readonly operation: ag.Operation;
  readonly call: Call;
}

/** Elements of an input that is passed over once: a kernel is shared from 131,072 floating-point operations on. */
const ELEMENTS = 140_000;

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const numbersBelow = (count: number, length: number): fc.Arbitrary<Int32Array> =>
  fc.nat().map((key) => Int32Array.from({ length }, (_, i) => Math.floor(count * hashUniform([key, 1], 0, i))));

/** One to four extents with about so many elements in all; the large one anywhere. */
function large(elements = ELEMENTS): fc.Arbitrary<number[]> {
  return fc
    .array(upTo(17), { maxLength: 3 })
    .chain((others) => fc.tuple(fc.constant(others), fc.nat({ max: others.length }), fc.nat({ max: 40 })))
    .map(([others, position, more]) => {
      const rest = Math.ceil(elements / sizeOf(others)) + more;
      return [...others.slice(0, position), rest, ...others.slice(position)];
    });
}

/** [N, M] with about so many elements, from flat to high. */
function matrices(elements = ELEMENTS): fc.Arbitrary<[number, number]> {
  return fc.integer({ min: 1, max: 1500 }).map((columns) => [Math.ceil(elements / columns), columns]);
}

function callsOf<Inputs extends readonly ag.Tensor[], Options>(
  operation: ag.Operation<Inputs, Options>,
  layouts: fc.Arbitrary<Layout<Options>>,
  low = -1,
): fc.Arbitrary<LargeCall> {
  return fc.tuple(layouts, fc.nat()).map(([{ shapes, options }, key]) => ({
    operation: operation as unknown as ag.Operation,
    call: { inputs: shapes.map((shape, position) => ({ shape, values: numbers(shape, [key, position], low) })), options },
  }));
}

function numbers(shape: Shape, key: readonly [number, number], low: number): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(low + (1 - low) * hashUniform(key, 0, i)));
}

const plain = (shapes: readonly Shape[]): Layout<undefined> => ({ shapes, options: undefined });

/** By what a kernel does. */
export const largeCalls: Readonly<Record<string, fc.Arbitrary<LargeCall>>> = {
  "a function of every element": fc
    .constantFrom(ag.expOperation, ag.tanhOperation, ag.geluOperation)
    .chain((operation) => callsOf(operation, large().map((shape) => plain([shape])))),
};
