/** Works that share their inputs, under names that are known before any input is made: most calls of the benchmark ask for a few of them. */
import type { Work } from "./work.js";

/** A work that does not say on which engine it runs: all of a list run on one. */
export type EngineWork = Omit<Work, "variant" | "engine" | "settle">;

export interface KernelGroup {
  readonly names: readonly string[];
  /** Makes the inputs. One work a name, in their order. */
  open(): { readonly works: readonly EngineWork[]; dispose(): void };
}
