/** What a margin makes of ln B, where there may be no wrong class: a batch of one class, over a sample of that class alone. */
import type { Tensor } from "../tensor/tensor.js";

/** Below this ln B says that there is no wrong class (`Supply`). */
const NOTHING = -1e30;

/** `value` where ln B is of wrong classes, else `otherwise`.  [] each → [] */
export function ifOthers(logB: Tensor, value: Tensor, otherwise: Tensor): Tensor {
  const { engine } = logB;
  return engine.select(engine.binary("greater", logB, engine.full([], NOTHING)), value, otherwise);
}
