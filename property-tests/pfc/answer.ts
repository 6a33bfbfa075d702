/** What a function of one tensor answers on an engine, on the host: its values, and its derivative weighed by `seed`. */
import { parameter, type Variable } from "../../src/autograd/index.js";
import type { Engine } from "../../src/tensor/engine.js";

export interface Answer {
  readonly y: number[];
  readonly gradient: number[];
}

/** @param seed weighs the results, one number each; default: ones */
export function answer(
  engine: Engine,
  values: readonly number[],
  shape: readonly number[],
  fn: (x: Variable) => Variable,
  seed?: readonly number[],
): Answer {
  return engine.scope(() => {
    const x = parameter(engine.tensor([...values], shape));
    const y = fn(x);
    y.backward(seed ? engine.tensor([...seed], y.shape) : engine.full(y.shape, 1));
    const result = { y: Array.from(y.dataSync()), gradient: Array.from(x.grad!.dataSync()) };
    x.zeroGrad();
    return result;
  });
}
