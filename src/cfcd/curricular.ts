/**
 * The curricular margin (Huang et al. 2020, "CurricularFace: Adaptive Curriculum Learning Loss for Deep Face Recognition", section 3.2), which
 * CFCD's public code compares with under the name of ArcFace.
 *
 *     z_iy = s · cos(θ_iy + m), an affine tail beyond π as in `arcFace`
 *     z_ij = s · c_ij · (t + c_ij)   where c_ij = cos θ_ij > cos(θ_iy + m), else s · c_ij
 *
 * t is an exponential average of the mean target cosine of the batch, from 0 on: hard wrong classes weigh less than they are while the
 * network is young, more later. It is updated before it is used, a constant of the batch, and stored with the head. Without a tape
 * (evaluation) z = s · cos θ and t stays.
 *
 * It changes wrong classes, so that it needs the path "formula".
 */
import {
  add,
  affine,
  clamp,
  constant,
  isRecording,
  multiply,
  noGrad,
  select,
  subtract,
  type Variable,
} from "../autograd/index.js";
import { ModuleBuffer } from "../nn/index.js";
import { checkMargin, cosOfWidenedAngle, marginLogits, POLE, withAffineTail, type Margin } from "../pfc/index.js";
import type { Tensor } from "../tensor/tensor.js";

export interface CurricularOptions {
  /** s, default 128, as in the public code. */
  readonly scale?: number;
  /** m in radians, default 0.15, as in the public code. */
  readonly margin?: number;
  /** Weight of the newest batch in t, default 0.01. */
  readonly average?: number;
}

/** More than cosines can differ, so that a row's own class is no hard one. */
const ABOVE_ALL = 4;

/** @throws Error if the scale is not positive, the margin lies outside [0, π), or the weight outside (0, 1] */
export function curricular({ scale = 128, margin = 0.15, average = 0.01 }: CurricularOptions = {}): Margin {
  checkMargin("curricular", scale, { margin });
  if (!(margin >= 0 && margin < Math.PI) || !(average > 0 && average <= 1)) {
    throw new Error(
      `curricular: the margin is an angle in [0, π) radians, and the weight of a batch lies in (0, 1]; given ${margin} and ${average}.`,
    );
  }
  const t = new ModuleBuffer([], 0);
  const correction = (own: Variable): Variable => subtract(withAffineTail(clamp(own, POLE - 1, 1 - POLE), margin), own);
  return {
    scale,
    changesOthers: true,
    buffers: { t },
    logits(cosine, labels, targets = () => cosine.tensor.engine.pick(cosine.tensor, labels)) {
      if (!isRecording()) return affine(cosine, scale, 0);
      const { engine } = cosine.tensor;
      const hard = engine.scope(() => {
        const target = targets(); // [N]
        const mean = engine.reduce("mean", target, [0], false); // []
        engine.blend(t.tensor, 1 - average, mean, average);
        return hardClasses(cosine.tensor, labels, target, margin);
      });
      const lifted = multiply(cosine, add(cosine, constant(t.tensor))); // [N, S]: c (t + c)
      return marginLogits(select(hard, lifted, cosine), labels, scale, correction);
    },
  };
}

/** 1 where cos θ_ij > cos(θ_iy + m), j ≠ y.  [N, S], [N] → [N, S] */
function hardClasses(cosine: Tensor, labels: Int32Array, target: Tensor, margin: number): Tensor {
  const { engine, shape } = cosine;
  const [rows, classes] = shape;
  const widened = noGrad(() => cosOfWidenedAngle(constant(target), margin)).tensor; // [N]
  const never = engine.place(engine.full([rows], ABOVE_ALL), labels, classes); // [N, S]
  return engine.binary("greater", cosine, engine.binary("add", widened.reshape([rows, 1]), never));
}
