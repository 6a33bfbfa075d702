/** Programs for an engine whose results come later: tensors are made, computed, written to, shared and given up, and read now and then. */
import fc from "fast-check";

/** Elements of every tensor. */
export const SIZE = 3;

/** Tensors are numbered as they were made, modulo how many there are by then. */
export type Command =
  | { readonly do: "make"; readonly values: readonly number[] }
  /** Awaits all that was called. */
  | { readonly do: "wait" }
  /** A kernel that does not compile; its result is a tensor like others. */
  | { readonly do: "fail" }
  | CommandOnOne
  | CommandOnTwo;

export interface CommandOnOne {
  readonly do: "negate" | "share" | "reshape" | "dispose" | "read";
  readonly which: number;
}

export type CommandOnTwo =
  | { readonly do: "add" | "assign"; readonly which: number; readonly other: number }
  /** which ← keep · which + add · other */
  | {
      readonly do: "blend";
      readonly which: number;
      readonly keep: number;
      readonly other: number;
      readonly add: number;
    };

/** Numbers at most double with a command, so that all stay whole numbers that float32 holds exactly. */
const MOST_COMMANDS = 18;

/** @param failing whether there are kernels that fail among them */
export function queuePrograms(failing: boolean): fc.Arbitrary<readonly Command[]> {
  const which = fc.nat({ max: 6 });
  const factor = fc.constantFrom(1, 0, -1);
  const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: SIZE, maxLength: SIZE });
  const commands: fc.MaybeWeightedArbitrary<Command>[] = [
    { weight: 4, arbitrary: fc.record({ do: fc.constant("make" as const), values }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom("add" as const, "assign" as const), which, other: which }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constantFrom("negate", "share", "reshape", "dispose", "read"), which }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant("blend" as const), which, keep: factor, other: which, add: factor }),
    },
    { weight: 1, arbitrary: fc.constant({ do: "wait" as const }) },
  ];
  if (failing) commands.push({ weight: 2, arbitrary: fc.constant({ do: "fail" as const }) });
  return fc.array(fc.oneof(...commands), { maxLength: MOST_COMMANDS });
}
