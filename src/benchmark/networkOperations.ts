/** Multiplications and additions of an IResNet, counted from its description: convolutions and the linear layer, which are nearly all. */
import type { IResNetSpecification } from "../nn/iresnet.js";

/** Of one training step: each product once forward and twice backward, but for the first convolution, whose images need no gradient. */
export function trainingOperations(specification: IResNetSpecification, batch: number): number {
  const { channels, side, stem, stemStride, widths, blocks, embedding } = specification;
  let extent = Math.ceil(side / stemStride);
  const first = product(extent, 9 * channels, stem);
  let others = 0;
  let width = stem;
  for (const [stage, out] of widths.entries()) {
    for (let block = 0; block < blocks[stage]; block++) {
      const reduced = block === 0 ? Math.ceil(extent / 2) : extent;
      others += product(extent, 9 * width, out); // 3×3, before the stride
      others += product(reduced, 9 * out, out); // 3×3, with it
      if (block === 0) others += product(reduced, width, out); // 1×1 of the shortcut
      [extent, width] = [reduced, out];
    }
  }
  others += 2 * width * extent * extent * embedding;
  return batch * (2 * first + 3 * others);
}

/** Of one image: every one of extent × extent pixels is `out` sums of `terms` products. */
function product(extent: number, terms: number, out: number): number {
  return 2 * extent * extent * terms * out;
}
