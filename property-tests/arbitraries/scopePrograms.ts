/** Programs that make, share, keep, use and release tensors in scopes within scopes; some scopes end with an error. */
import fc from "fast-check";

/** Numbers of tensors are taken modulo how many there are by then: those that are long gone are meant too. */
export type Statement =
  /** A new tensor with numbers of its own. */
  | { readonly do: "make"; readonly size: number }
  /** The negative of a tensor: a result with storage of its own. */
  | { readonly do: "negate"; readonly which: number }
  /** A second owner of the same storage. */
  | { readonly do: "share" | "reshape"; readonly which: number }
  | { readonly do: "keep" | "dispose" | "read"; readonly which: number }
  | ScopeStatement;

export interface ScopeStatement {
  readonly do: "scope";
  readonly body: readonly Statement[];
  /** Tensors that the scope returns, wherever they were made. */
  readonly returned: readonly number[];
  readonly as: "list" | "object" | "holders";
  /** An error at its end instead. */
  readonly fails: boolean;
}

export function scopePrograms(): fc.Arbitrary<readonly Statement[]> {
  const which = fc.nat({ max: 30 });
  const { program } = fc.letrec<{ program: readonly Statement[]; scope: ScopeStatement }>((tie) => ({
    program: fc.array(
      fc.oneof(
        { depthSize: "medium", withCrossShrink: true },
        { weight: 4, arbitrary: fc.record({ do: fc.constant("make" as const), size: fc.nat({ max: 40 }) }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant("negate" as const), which }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("share" as const, "reshape" as const), which }) },
        {
          weight: 4,
          arbitrary: fc.record({ do: fc.constantFrom("keep" as const, "dispose" as const, "read" as const), which }),
        },
        { weight: 3, arbitrary: tie("scope") },
      ),
      { maxLength: 10 },
    ),
    scope: fc.record({
      do: fc.constant("scope" as const),
      body: tie("program"),
      returned: fc.array(which, { maxLength: 3 }),
      as: fc.constantFrom("list" as const, "object" as const, "holders" as const),
      fails: fc.boolean(),
    }),
  }));
  return program;
}
