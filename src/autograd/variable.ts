/**
 * A tensor with a gradient and the tape node that made it, and reverse mode over the tape.
 *
 * Gradients accumulate in `.grad` of the leaves that require them. `backward()` consumes the tape: saved values and gradients of
 * intermediate results are released as soon as they have been used.
 */
import type { FloatArray } from "../tensor/engine.js";
import { formatShape, sameShape, type Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** One application of an operation. */
export interface Node {
  readonly name: string;
  readonly inputs: readonly Variable[];
  /** Gradients of the inputs, undefined where none is needed. May return `dy` itself. */
  readonly backward: (dy: Tensor) => readonly (Tensor | undefined)[];
  /** Gives up saved values; a second backward is then an error. */
  readonly release: () => void;
  released: boolean;
}

/** A tensor that remembers how it was made: a leaf (`parameter`, `constant`), or the result of an operation. */
export class Variable {
  /** Accumulated derivative of the losses with respect to this leaf; owned by the variable. */
  grad: Tensor | undefined;

  constructor(
    readonly tensor: Tensor,
    readonly requiresGrad: boolean,
    readonly node?: Node,
  ) {}

  get shape(): Shape {
    return this.tensor.shape;
  }

  /** The same value without history. */
  detach(): Variable {
    return new Variable(this.tensor, false);
  }

  async data(): Promise<FloatArray> {
    return this.tensor.data();
  }

  dataSync(): FloatArray {
    return this.tensor.dataSync();
  }

  /** The value of a one-element variable; its tensor is disposed. */
  async item(): Promise<number> {
    return this.tensor.item();
  }

  /** Releases the accumulated gradient. */
  zeroGrad(): void {
    this.grad?.dispose();
    this.grad = undefined;
  }

  /**
   * Adds d(this)/d(leaf) to the `.grad` of every leaf that requires it; `seed` (default: ones, for a single element) weighs the
   * elements of this variable.
   */
  backward(seed?: Tensor): void {
    const { engine } = this.tensor;
    if (!this.requiresGrad) {
      throw new Error("backward: nothing to differentiate: no input of this result requires a gradient.");
    }
    if (seed === undefined && this.tensor.size !== 1) {
      throw new Error(`backward: a result of shape ${formatShape(this.shape)} needs a seed of the same shape.`);
    }
    engine.scope(() => {
      const gradients = new Map<Variable, Tensor>();
      gradients.set(this, seed ? seed.share() : engine.full(this.shape, 1));
      for (const variable of topologicalOrder(this)) {
        const dy = gradients.get(variable);
        gradients.delete(variable);
        if (dy === undefined) continue;
        if (variable.node) propagate(variable.node, dy, gradients);
        else variable.collect(dy);
        dy.dispose();
      }
    });
  }

  /** Accumulates a gradient into `.grad`, which keeps it beyond any scope and shares it with nobody: owners write to it in place. */
  private collect(gradient: Tensor): void {
    const { engine } = this.tensor;
    const shared = gradient.storage.references > 1;
    const own = this.grad ? accumulate(this.grad, gradient) : shared ? engine.affine(gradient, 1, 0) : gradient.share();
    this.grad = engine.keep(own);
  }
}

/** A leaf that is trained: its tensor is kept beyond any scope, and gradients accumulate in `.grad`. */
export function parameter(tensor: Tensor): Variable {
  return new Variable(tensor.engine.keep(tensor), true);
}

/** A leaf that is not trained. */
export function constant(tensor: Tensor): Variable {
  return new Variable(tensor, false);
}

/** Applies one node's derivative and hands the results to its inputs. */
function propagate(node: Node, dy: Tensor, gradients: Map<Variable, Tensor>): void {
  if (node.released) {
    throw new Error(
      `backward: the graph behind "${node.name}" was released by an earlier backward; run the forward pass again.`,
    );
  }
  const results = dy.engine.scope(() => node.backward(dy));
  const seen = new Set<Tensor>([dy]);
  for (const [position, input] of node.inputs.entries()) {
    const result = results[position];
    if (!input.requiresGrad || result === undefined) continue;
    if (!sameShape(result.shape, input.shape)) {
      throw new Error(
        `backward of ${node.name}: the gradient of input ${position} has shape ${formatShape(result.shape)}, ` +
          `but the input has ${formatShape(input.shape)}.`,
      );
    }
    const own = seen.has(result) ? result.share() : result;
    seen.add(result);
    const earlier = gradients.get(input);
    gradients.set(input, earlier ? accumulate(earlier, own) : own);
    if (earlier) own.dispose();
  }
  node.released = true;
  node.release();
}

/** target + addition: in place where nobody else sees the storage, else as a new tensor in place of `target`. */
function accumulate(target: Tensor, addition: Tensor): Tensor {
  const { engine } = target;
  if (target.storage.references === 1) {
    engine.blend(target, 1, addition, 1);
    return target;
  }
  const sum = engine.binary("add", target, addition);
  target.dispose();
  return sum;
}

/** Every variable that requires a gradient and leads to `root`, results before their inputs. Iterative: graphs are deep. */
function topologicalOrder(root: Variable): Variable[] {
  const order: Variable[] = [];
  const visited = new Set<Variable>([root]);
  const stack: { variable: Variable; next: number }[] = [{ variable: root, next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const inputs = top.variable.node?.inputs ?? [];
    if (top.next === inputs.length) {
      order.push(top.variable);
      stack.pop();
      continue;
    }
    const input = inputs[top.next++];
    if (!input.requiresGrad || visited.has(input)) continue;
    visited.add(input);
    stack.push({ variable: input, next: 0 });
  }
  return order.reverse();
}
