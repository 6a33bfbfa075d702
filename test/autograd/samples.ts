/** The samples of every operation, with values: what the tests of gradients and of parity run over. */
import { operations } from "../../src/autograd/index.js";
import type { Operation, Sample, SampleInput } from "../../src/autograd/index.js";
import { stream } from "../../src/tensor/random.js";
import { formatShape, sizeOf } from "../../src/tensor/shape.js";

export interface Case {
  readonly title: string;
  readonly operation: Operation;
  readonly options: unknown;
  readonly inputs: readonly CaseInput[];
}

export interface CaseInput {
  readonly shape: readonly number[];
  /** float32 numbers, so that every engine starts from the same ones. */
  readonly values: Float32Array;
  readonly differentiable: boolean;
}

/** One case for each sample of each operation. */
export function allCases(): Case[] {
  return operations.flatMap((operation) =>
    operation.definition.samples.map((sample, number) => caseOf(operation, sample, number)),
  );
}

/** A case of normal numbers in these shapes. */
export function sizedCase(operation: Operation, options: unknown, shapes: readonly number[][]): Case {
  return caseOf(operation, { inputs: shapes.map((shape) => ({ shape })), options }, "large");
}

function caseOf(operation: Operation, sample: Sample<unknown>, number: number | string): Case {
  const { name } = operation.definition;
  const shapes = sample.inputs.map((input) => formatShape(input.shape)).join(", ");
  return {
    title: `${name}, sample ${number}: ${shapes}`,
    operation,
    options: sample.options,
    inputs: sample.inputs.map((input, position) => ({
      shape: input.shape,
      values: Float32Array.from(valuesOf(input, name, number, position)),
      differentiable: input.differentiable !== false,
    })),
  };
}

function valuesOf(input: SampleInput, ...name: (string | number)[]): number[] {
  const random = stream("operation samples", ...name);
  const size = sizeOf(input.shape);
  return input.values ? input.values(random, size) : Array.from({ length: size }, () => random.normal());
}
