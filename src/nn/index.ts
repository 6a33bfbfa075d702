/** Layers, backbones, optimizers, schedules. */
export { evaluating, training, type Context } from "./context.js";
export { Module, type NamedBuffer, type NamedShape } from "./module.js";
export { ModuleBuffer, Parameter, type ParameterOptions } from "./parameter.js";
export { loadStateDictionary, type StoredValues } from "./loadStateDictionary.js";
export type { NamedParameter, Trainable } from "./trainable.js";
export * from "./layers/index.js";
export {
  constantValue,
  kaimingNormalFanOut,
  normal,
  parameterKey,
  truncatedNormal,
  uniform,
  uniformFanIn,
  type Initializer,
} from "./initialize.js";
export { IrBlock, type IrBlockOptions } from "./irBlock.js";
export {
  IRESNET_BLOCKS,
  IResNet,
  iresnet,
  iresnetSpecification,
  type IResNetDepth,
  type IResNetOptions,
  type IResNetSpecification,
} from "./iresnet.js";
export { SqueezeExcitation, type SqueezeExcitationOptions } from "./squeezeExcitation.js";
export { smallIresnet, smallIresnetSpecification, type SmallIResNetOptions } from "./smallIresnet.js";
export { BasicBlock, Bottleneck, type BottleneckOptions, type ResidualBlockOptions } from "./bottleneck.js";
export type { BlockShape } from "./residualStages.js";
export {
  RESNET_BLOCKS,
  ResNet,
  resnet,
  resnetSpecification,
  type ResNetDepth,
  type ResNetOptions,
  type ResNetSpecification,
  type ResNetStem,
} from "./resnet.js";
export { smallResnet, smallResnetSpecification, type SmallResNetOptions } from "./smallResnet.js";
export {
  DepthWiseUnit,
  MobileFaceNet,
  mobileFaceNet,
  mobileFaceNetLarge,
  mobileFaceNetLargeSpecification,
  mobileFaceNetSpecification,
  type DepthWiseUnitOptions,
  type MobileFaceNetOptions,
  type MobileFaceNetSpecification,
} from "./mobileFaceNet.js";
export { TransformerBlock, type TransformerBlockOptions } from "./transformerBlock.js";
export { VisionTransformer, type VisionTransformerSpecification } from "./visionTransformer.js";
export {
  partialFcViT,
  partialFcViTSpecification,
  unicomViT,
  unicomViTSpecification,
  type PartialFcViTOptions,
  type PartialFcViTSize,
  type UnicomViTModel,
  type UnicomViTOptions,
} from "./publishedViT.js";
export { smallViT, smallViTSpecification, type SmallViTOptions } from "./smallViT.js";
export { RowParameter, type GatheredRows, type RowUpdate } from "./rowParameter.js";
export {
  Optimizer,
  vectors,
  type DecayOptions,
  type Exemption,
  type Group,
  type OptimizerState,
  type StepSettings,
  type Update,
} from "./optimizer.js";
export { SGD, type SGDOptions } from "./sgd.js";
export { Adam, AdamW, type AdamOptions, type TableBiasCorrection } from "./adam.js";
export { allReduceGradients } from "./allReduceGradients.js";
export { clipGradientNorm } from "./clipGradientNorm.js";
export {
  constantRate,
  cosine,
  epochCosine,
  multiStep,
  oneCycle,
  polynomial,
  type CosineOptions,
  type EpochCosineOptions,
  type MultiStepOptions,
  type OneCycleOptions,
  type PolynomialOptions,
  type Schedule,
  type WarmUpOptions,
} from "./schedules.js";
