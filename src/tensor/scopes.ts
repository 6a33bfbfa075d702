/**
 * Scope-based release: everything made inside `scope(() => …)` is released at its end.
 *
 * Exceptions: tensors that something owns (`keep`: parameters, running statistics, `.grad`, optimizer state), and tensors
 * returned from the scope, which pass to the enclosing one. Outside all scopes the caller owns what is made.
 */
import { Tensor } from "./tensor.js";

/** Anything that carries a tensor, such as a `Variable`. */
interface Holder {
  readonly tensor: Tensor;
}

/** The open scopes of one engine, innermost last. */
export class Scopes {
  private readonly open: Set<Tensor>[] = [];

  /** Registers a new tensor with the innermost scope. */
  track(tensor: Tensor): void {
    const scope = this.open.at(-1);
    scope?.add(tensor);
    tensor.owner = scope;
  }

  /** Takes a tensor out of its scope: it lives until it is disposed. */
  keep(tensor: Tensor): Tensor {
    tensor.owner?.delete(tensor);
    tensor.owner = undefined;
    return tensor;
  }

  /** Runs `body` in a scope of its own. A body that returns a promise is an error: its tensors would be gone before it ran on. */
  run<T>(body: () => T): T {
    const scope = new Set<Tensor>();
    this.open.push(scope);
    try {
      const result = body();
      if (result instanceof Promise) {
        result.catch(() => undefined);
        throw new Error("scope: the callback returned a promise; compute inside the scope, and await after it.");
      }
      const parent = this.open.at(-2);
      forEachTensor(result, (tensor) => {
        if (!scope.delete(tensor)) return;
        parent?.add(tensor);
        tensor.owner = parent;
      });
      return result;
    } finally {
      this.open.pop();
      for (const tensor of scope) tensor.dispose();
    }
  }
}

/** Visits tensors reachable through holders, arrays and plain objects. */
function forEachTensor(value: unknown, visit: (tensor: Tensor) => void): void {
  if (value instanceof Tensor) visit(value);
  else if (Array.isArray(value)) for (const item of value) forEachTensor(item, visit);
  else if (typeof value === "object" && value !== null) {
    if ((value as Partial<Holder>).tensor instanceof Tensor) visit((value as Holder).tensor);
    else if (Object.getPrototypeOf(value) === Object.prototype) {
      for (const item of Object.values(value)) forEachTensor(item, visit);
    }
  }
}
