/** Convolution of images (cross-correlation, as in every network), with stride, padding, dilation and groups. */
import type { Conv2dGeometry } from "../../tensor/engine.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation } from "../operation.js";
import type { Variable } from "../variable.js";
import { checkWindow, pair, type Pair } from "./window.js";

export interface Conv2dSettings {
  readonly stride?: Pair;
  readonly padding?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
  /** [O], added to every pixel */
  readonly bias?: Variable;
}

/** All but the kernel's extents, which are the weight's. */
type Placement = Omit<Conv2dGeometry, "kernel">;

function geometryOf({ shape }: Tensor, { stride, padding, dilation, groups }: Placement): Conv2dGeometry {
  return { kernel: [shape[2], shape[3]], stride, padding, dilation, groups };
}

const plain: Placement = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 };

export const conv2dOperation = operation<readonly [Tensor, Tensor] | readonly [Tensor, Tensor, Tensor], Placement>({
  name: "conv2d",
  signature: "[B, C, H, W] ⋆ [O, C/groups, KH, KW] + [O] → [B, O, H′, W′]",
  check([x, w, bias], placement) {
    const { stride, padding, dilation, groups } = placement;
    const given =
      `input ${formatShape(x.shape)}, kernel ${formatShape(w.shape)}, stride ${stride.join("×")}, ` +
      `padding ${padding.join("×")}, dilation ${dilation.join("×")}, groups ${groups}`;
    const fail = (rule: string): never => {
      throw new Error(`conv2d: ${rule}\n        ${given}`);
    };
    if (x.rank !== 4 || w.rank !== 4) fail("the input must be [B, C, H, W] and the kernel [O, C/groups, KH, KW].");
    if (!Number.isInteger(groups) || groups < 1 || x.shape[1] % groups !== 0 || w.shape[0] % groups !== 0) {
      fail(`${groups} groups must divide both the ${x.shape[1]} input and the ${w.shape[0]} output channels.`);
    }
    if (w.shape[1] * groups !== x.shape[1]) {
      fail(`${groups} × ${w.shape[1]} channels of the kernel must be the input's ${x.shape[1]}.`);
    }
    if (bias && !sameShape(bias.shape, [w.shape[0]])) {
      fail(`the bias must be [${w.shape[0]}], one number for each output channel, and is ${formatShape(bias.shape)}.`);
    }
    checkWindow("conv2d", x.shape, geometryOf(w, placement), given);
  },
  forward(engine, [x, w, bias], placement) {
    const y = engine.conv2d(x, w, geometryOf(w, placement)); // [B, O, H′, W′]
    return { y: bias ? engine.binary("add", y, bias.reshape([-1, 1, 1])) : y };
  },
  // Every weight connects pixels of x with pixels of y. dx walks the same connections backwards; dw sums over them.
  backward(dy, { engine, inputs: [x, w, bias], options: placement, needs }) {
    const geometry = geometryOf(w, placement);
    return [
      needs[0] ? engine.conv2dInputGradient(dy, w, geometry, x.shape) : undefined,
      needs[1] ? engine.conv2dWeightGradient(x, dy, geometry, w.shape) : undefined,
      bias && needs[2] ? engine.reduce("sum", dy, [0, 2, 3], false) : undefined,
    ];
  },
  samples: [
    { inputs: [{ shape: [2, 3, 5, 4] }, { shape: [4, 3, 3, 3] }, { shape: [4] }], options: plain },
    {
      inputs: [{ shape: [1, 2, 6, 5] }, { shape: [3, 2, 3, 2] }],
      options: { ...plain, stride: [2, 1], padding: [1, 2] },
    },
    {
      inputs: [{ shape: [2, 4, 7, 7] }, { shape: [6, 2, 3, 3] }],
      options: { ...plain, dilation: [2, 3], groups: 2, padding: [0, 1] },
    },
    {
      inputs: [{ shape: [2, 3, 5, 5] }, { shape: [3, 1, 3, 3] }],
      options: { ...plain, groups: 3, padding: [1, 1], stride: [2, 2] },
    },
    { inputs: [{ shape: [1, 5, 3, 3] }, { shape: [7, 5, 1, 1] }, { shape: [7] }], options: plain },
    { inputs: [{ shape: [1, 1, 1, 1] }, { shape: [1, 1, 3, 3] }], options: { ...plain, padding: [1, 1] } },
    { inputs: [{ shape: [2, 3, 4, 4] }, { shape: [2, 3, 4, 4] }], options: { ...plain, stride: [4, 4] } },
    // 6 pixels, a kernel of 3, a stride of 2: the last row and column of x meet no window
    { inputs: [{ shape: [1, 2, 6, 6] }, { shape: [2, 2, 3, 3] }], options: { ...plain, stride: [2, 2] } },
  ],
  linearIn: "all",
});

/**
 * Slides w over x: y[b, o, p, q] = bias[o] + Σ_c,r,s w[o, c, r, s] · x[b, c, p·stride + r·dilation − padding, …].
 * x: [B, C, H, W], w: [O, C/groups, KH, KW] → [B, O, H′, W′], H′ = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1
 */
export function conv2d(x: Variable, w: Variable, options: Conv2dSettings = {}): Variable {
  const { stride = 1, padding = 0, dilation = 1, groups = 1, bias } = options;
  const placement = { stride: pair(stride), padding: pair(padding), dilation: pair(dilation), groups };
  return conv2dOperation(bias ? [x, w, bias] : [x, w], placement);
}
