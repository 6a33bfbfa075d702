/**
 * Data-parallel training: every rank has the same parameters and other images, and steps with the sum of all gradients.
 *
 * A sum and not a mean: the loss that all ranks differentiate is already the mean over the images of all of them, and what a rank
 * computes is its own images' share of the gradient.
 */
import type { Variable } from "../autograd/variable.js";
import type { Communicator } from "../ranks/communicator.js";

/**
 * Adds up the gradients of these parameters over the ranks, in one collective; those without one are skipped, which must be the
 * same on every rank.
 */
export function allReduceGradients(
  parameters: readonly { readonly variable: Variable }[],
  communicator: Communicator,
): void {
  const variables = parameters.map(({ variable }) => variable).filter(({ grad }) => grad !== undefined);
  if (communicator.size === 1 || variables.length === 0) return;
  const { engine } = variables[0].tensor;
  engine.scope(() => {
    const own = engine.concatenate(
      variables.map(({ grad }) => grad!.reshape([-1])),
      0,
    );
    const total = communicator.allReduce(own, "sum"); // all gradients, one after the other
    let start = 0;
    for (const { grad } of variables) {
      const end = start + grad!.size;
      engine.assign(grad!, engine.slice(total, 0, start, end));
      start = end;
    }
  });
}
