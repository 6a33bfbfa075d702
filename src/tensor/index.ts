/** Arrays and the engines that compute on them. */
export { Tensor } from "./tensor.js";
export { openEngine, type GpuEngineOptions } from "./openEngine.js";
export type { EngineName, GpuEngineName } from "./engineNames.js";
export type { GpuEngine } from "./engines/gpu/gpuEngine.js";
export type { GpuMode } from "./engines/gpu/device.js";
export type { Traffic } from "./engines/gpu/deferred.js";
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
export type { NearestRows } from "./nearestRows.js";
export { formatShape, sizeOf, type Shape } from "./shape.js";
export { hashNormal, hashUniform, stream, type Key, type Random } from "./random.js";
