/** Whether a network learns: six images are to be told apart by four outputs. */
import { constant, square, subtract, sum, type Variable } from "../../src/autograd/index.js";
import { training } from "../../src/nn/context.js";
import type { Module } from "../../src/nn/module.js";
import { SGD } from "../../src/nn/sgd.js";
import type { Engine } from "../../src/tensor/engine.js";

/**
 * The squared distance to a target that the last bias alone cannot approach, step by step: every column has mean 0 and variance 1, as the
 * output of the last batch norm has, so that only the order of the images is to be learned.
 *
 * @param x six images, of which the network makes [6, 4]
 */
export function lossesOfOrder(engine: Engine, network: Module, x: Variable, steps: number): number[] {
  const optimizer = new SGD(network, { momentum: 0.9 });
  const target = constant(
    engine.tensor([1, 1, 1, 1, -1, 1, 1, -1, 1, -1, 1, -1, -1, -1, -1, 1, 1, -1, -1, -1, -1, 1, -1, 1], [6, 4]),
  );
  return Array.from({ length: steps }, (_, step) =>
    engine.scope(() => {
      const loss = sum(square(subtract(network.forward(x, training(step)), target))); // [6, 4] → []
      loss.backward();
      optimizer.step({ rate: 0.01 });
      optimizer.zeroGrad();
      return loss.dataSync()[0];
    }),
  );
}
