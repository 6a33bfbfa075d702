/** Faults in derivatives, in what they share, and in kernels of both engines. */
import type { Fault } from "../fault.js";

export const operationsFaults: readonly Fault[] = [
  {
    name: "average over a stretched axis where its derivatives must be summed",
    file: "src/autograd/operations/sumTo.ts",
    find: 'dy.engine.reduce("sum", dy, stretched, true)',
    replace: 'dy.engine.reduce("mean", dy, stretched, true)',
    caughtBy: "operations/adjoint",
  },
  {
    name: "lose the sign of the derivative by a divisor",
    file: "src/autograd/operations/arithmetic.ts",
    find: 'engine.unary("negate", engine.binary("multiply", dy, engine.binary("divide", y, b)))',
    replace: 'engine.binary("multiply", dy, engine.binary("divide", y, b))',
    caughtBy: "operations/gradients",
  },
  {
    name: "forget in a product's derivative that the other operand is stored transposed",
    file: "src/autograd/operations/matmul.ts",
    find: "engine.matmul(dy, a, true, transposeA)",
    replace: "engine.matmul(dy, a, true, false)",
    caughtBy: "operations/adjoint",
  },
  {
    name: "put the gradient of a slice at the other end of its axis",
    file: "src/autograd/operations/shape.ts",
    find: "[...zeros(start), dy, ...zeros(x.shape[axis] - end)]",
    replace: "[...zeros(x.shape[axis] - end), dy, ...zeros(start)]",
    caughtBy: "operations/adjoint",
  },
  {
    name: "forget that a mean divides, in its derivative",
    file: "src/autograd/operations/reductions.ts",
    find: "engine.affine(dy.reshape(keptShape(x.shape, axes)), y.size / x.size, 0)",
    replace: "engine.affine(dy.reshape(keptShape(x.shape, axes)), 1, 0)",
    caughtBy: "operations/directions",
  },
  {
    name: "leave out the mean of dy in the derivative of the softmax",
    file: "src/autograd/operations/rows.ts",
    find: 'engine.binary("multiply", y, engine.binary("subtract", dy, mean))',
    replace: 'engine.binary("multiply", y, dy)',
    caughtBy: "operations/gradients",
  },
  {
    name: "take the logarithm of a softmax without subtracting the largest logit",
    file: "src/autograd/operations/logSoftmaxOf.ts",
    find: 'engine.binary("subtract", x, engine.reduce("maximum", x, last, true))',
    replace: "x",
    caughtBy: "operations/parity",
  },
  {
    name: "forget dy in the derivative of smooth L1",
    file: "src/autograd/operations/losses.ts",
    find: 'engine.binary("multiply", engine.affine(bounded, 1 / (beta * x.size), 0), dy)',
    replace: "engine.affine(bounded, 1 / (beta * x.size), 0)",
    caughtBy: "operations/backwardLinearity",
  },
  {
    name: "let a repeated row overwrite in a scatter instead of adding up",
    file: "src/tensor/engines/reference/rows.ts",
    find: "sums[index[i] * columns + j] += values[i * columns + j]",
    replace: "sums[index[i] * columns + j] = values[i * columns + j]",
    caughtBy: "operations/adjoint",
  },
  {
    name: "give the gradient of a parametric rectifier at 0 to the other side",
    file: "src/tensor/engines/reference/elementwise.ts",
    find: "const negative = !(x.data[i] > 0);",
    replace: "const negative = x.data[i] < 0;",
    caughtBy: "operations/parity",
  },
  {
    name: "drop the max-subtraction in the softmax kernel of the wasm engine",
    file: "src/tensor/engines/wasm/kernels/rows.ts",
    find: "const top = f32x4.splat(maximumRow(from, columns));",
    replace: "const top = f32x4.splat(0);",
    caughtBy: "operations/parity",
  },
];
