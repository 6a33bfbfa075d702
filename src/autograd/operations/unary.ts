/** How an operation of one operand and one kernel is declared: its derivative is all there is to say. */
import type { Engine, UnaryName } from "../../tensor/engine.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation, type OperationDefinition, type SampleInput } from "../operation.js";

interface Known {
  readonly engine: Engine;
  readonly x: Tensor;
  readonly y: Tensor;
}

interface More extends Pick<OperationDefinition<[Tensor], undefined, undefined>, "linearIn" | "kinks"> {
  /** Keeps samples inside the domain. */
  readonly values?: SampleInput["values"];
}

/** An operation of one kernel, from its derivative. */
export function unary(
  name: UnaryName,
  dx: (dy: Tensor, known: Known) => Tensor,
  { values, ...more }: More = {},
): ReturnType<typeof operation<[Tensor]>> {
  return operation<[Tensor]>({
    name,
    signature: "x → y, of one shape",
    forward: (engine, [x]) => ({ y: engine.unary(name, x) }),
    backward: (dy, { engine, inputs: [x], y }) => [dx(dy, { engine, x, y })],
    samples: [[2, 3], [1], [], [5, 1, 7]].map((shape) => ({ inputs: [{ shape, values }], options: undefined })),
    ...more,
  });
}
