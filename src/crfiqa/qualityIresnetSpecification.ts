/**
 * The backbones of the published CR-FIQA networks (Boutros et al. 2023): IResNet-50 (trained on CASIA-WebFace, "S") and IResNet-100
 * (on MS1MV2, "L").
 *
 * They are IResNets of ArcFace with the same stages and names, and differ in two places: dropout of 0.4 before the linear layer, and a last
 * batch norm whose scale is trained.
 */
import { iresnetSpecification, type IResNetOptions, type IResNetSpecification } from "../nn/index.js";

export interface QualityIResNetOptions extends Omit<IResNetOptions, "seed"> {
  /** The reduction of squeeze and excitation; without it where left out, as published. */
  readonly squeeze?: number;
}

/** A description without weights: `new QualityNetwork(new IResNet(specification), specification.embedding)`. */
export function qualityIresnetSpecification({
  squeeze,
  dropout = 0.4, // as published
  ...options
}: QualityIResNetOptions): IResNetSpecification {
  return { ...iresnetSpecification({ ...options, dropout }), trainedScale: true, squeeze };
}
