/** Inputs of a work: numbers that nobody chose. */
import type { Engine } from "../tensor/engine.js";
import { hashUniform, stream } from "../tensor/random.js";
import { sizeOf, type Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Numbers of [−0.5, 0.5), the same for the same name. */
export function randomTensor(engine: Engine, shape: Shape, name: string): Tensor {
  const key = stream("benchmark", name).key();
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = hashUniform(key, i, 0) - 0.5; // a hundred million of them, for a large GPU
  return engine.tensor(values, shape);
}
