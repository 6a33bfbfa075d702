/** Arrays and the engines that compute on them. */
export { Tensor } from "./tensor.js";
export { openEngine } from "./openEngine.js";
export { RoundoffEngine } from "./engines/roundoff/index.js";
export type {
  AdamRule,
  BinaryName,
  Conv2dGeometry,
  Engine,
  FloatArray,
  FloatType,
  MemoryReport,
  ReductionName,
  SgdRule,
  UnaryName,
  Window2d,
} from "./engine.js";
export type { NormalRows, RowFunction, RowInitializer, RowStorage, RowStore, RowStoreOptions } from "./rowStore.js";
export { formatShape, sizeOf, type Shape } from "./shape.js";
export { hashNormal, hashUniform, stream, type Key, type Random } from "./random.js";
