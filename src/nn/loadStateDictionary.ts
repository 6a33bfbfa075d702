/**
 * Copies stored values into the tensors of a module, all or nothing.
 *
 * Names and shapes are compared before the first value is written. PyTorch's `num_batches_tracked` counters are ignored: no rule
 * here uses them.
 */
import { formatShape, sameShape, sizeOf, type Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

export interface StoredValues {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

const IGNORED = /(^|\.)num_batches_tracked$/;

/** Names listed for each kind of disagreement before the rest is only counted. */
const LISTED = 6;

/** Throws one error with every missing, unexpected and mismatched name; then nothing was written. */
export function loadStateDictionary(
  targets: ReadonlyMap<string, Tensor>,
  values: ReadonlyMap<string, StoredValues>,
): void {
  const missing = [...targets.keys()].filter((name) => !values.has(name));
  const unexpected = [...values.keys()].filter((name) => !targets.has(name) && !IGNORED.test(name));
  const mismatched: string[] = [];
  for (const [name, target] of targets) {
    const stored = values.get(name);
    if (stored === undefined) continue;
    if (!sameShape(stored.shape, target.shape)) {
      mismatched.push(`${name} (stored ${formatShape(stored.shape)}, module ${formatShape(target.shape)})`);
    } else if (stored.data.length !== sizeOf(stored.shape)) {
      mismatched.push(`${name} (${stored.data.length} numbers for shape ${formatShape(stored.shape)})`);
    }
  }
  const problems = [list("missing", missing), list("unexpected", unexpected), list("of another shape", mismatched)];
  const found = problems.filter((problem) => problem !== "");
  if (found.length > 0) {
    throw new Error(`state dictionary: the stored values do not fit this module: ${found.join("; ")}.`);
  }
  for (const [name, target] of targets) {
    const { data, shape } = values.get(name)!;
    target.engine.scope(() => {
      target.engine.assign(target, target.engine.tensor(data, shape));
    });
  }
}

function list(kind: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const rest = names.length > LISTED ? `, and ${names.length - LISTED} more` : "";
  return `${names.length} ${kind}: ${names.slice(0, LISTED).join(", ")}${rest}`;
}
