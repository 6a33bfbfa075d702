/** What an operation answers on an engine: its value, and the gradient of every input. */
import { Variable, type Operation } from "../../src/autograd/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { IEEE, RoundoffEngine, type Arithmetic } from "../../src/tensor/engines/roundoff/index.js";
import { stream } from "../../src/tensor/random.js";
import type { Shape } from "../../src/tensor/shape.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import type { Call } from "../arbitraries/operationCalls.js";

export interface Answer {
  readonly shape: Shape;
  readonly y: ArrayLike<number>;
  /** One for each input; undefined where there is no derivative. */
  readonly gradients: readonly (ArrayLike<number> | undefined)[];
}

/** The value, and bounds on what float32 may be off, in the shape of the value. */
export interface Bounds {
  readonly exact: Answer;
  readonly allowed: Answer;
}

/** dy of a result of `size` elements: thirty-seconds within ±2, which every float holds exactly; a function of the size alone. */
export function seedOf(size: number, name = "dy"): number[] {
  const random = stream("seed of backward", name);
  return Array.from({ length: size }, () => (random.integer(129) - 64) / 32);
}

/** Forward, and backward from `dy` (made of the number of elements, where it is left out). */
export function answer(
  engine: Engine,
  operation: Operation,
  call: Call,
  dy: (size: number) => readonly number[] = seedOf,
): Answer {
  return run(engine, operation, call, dy, (tensor) => tensor.dataSync());
}

/** The same on an engine whose results come later. */
export async function laterAnswer(
  engine: Engine,
  operation: Operation,
  call: Call,
  dy: (size: number) => readonly number[] = seedOf,
): Promise<Answer> {
  const { shape, y, gradients } = engine.scope(() => run(engine, operation, call, dy, (tensor) => tensor.share()));
  const values = [];
  for (const tensor of [y, ...gradients]) {
    values.push(await tensor?.data()); // one after another, so that the first failure is the one that is told
    tensor?.dispose();
  }
  const [result, ...derivatives] = values;
  return { shape, y: result!, gradients: derivatives };
}

/**
 * The value in float64, and what a float32 engine may be off, derived step by step from forward and backward.
 *
 * @param arithmetic of that engine
 */
export function bounds(
  operation: Operation,
  call: Call,
  dy: (size: number) => readonly number[] = seedOf,
  arithmetic: Arithmetic = IEEE,
): Bounds {
  const engine = new RoundoffEngine(arithmetic);
  const both = run(engine, operation, call, dy, (tensor) => ({
    value: tensor.dataSync(),
    error: engine.errorOf(tensor),
  }));
  const part = (name: "value" | "error"): Answer => ({
    shape: both.shape,
    y: both.y[name],
    gradients: both.gradients.map((gradient) => gradient?.[name]),
  });
  return { exact: part("value"), allowed: part("error") };
}

/** The value alone. */
export function value(engine: Engine, operation: Operation, call: Call): ArrayLike<number> {
  return engine.scope(() => valueOf(engine, operation, call).dataSync());
}

/** The same on an engine whose results come later. */
export async function laterValue(engine: Engine, operation: Operation, call: Call): Promise<ArrayLike<number>> {
  using result = engine.scope(() => valueOf(engine, operation, call).share());
  return result.data();
}

function valueOf(engine: Engine, operation: Operation, { inputs, options }: Call): Tensor {
  const variables = inputs.map(({ values, shape }) => new Variable(engine.tensor(values, shape), false));
  return operation(variables, options).tensor;
}

function run<Read>(
  engine: Engine,
  operation: Operation,
  call: Call,
  dy: (size: number) => readonly number[],
  read: (tensor: Tensor) => Read,
): { shape: Shape; y: Read; gradients: (Read | undefined)[] } {
  return engine.scope(() => {
    const inputs = call.inputs.map(
      ({ values, shape }, position) => new Variable(engine.tensor(values, shape), hasDerivative(operation, position)),
    );
    const result = operation(inputs, call.options);
    const y = read(result.tensor);
    result.backward(engine.tensor(dy(result.tensor.size), result.shape));
    const gradients = inputs.map(({ grad }) => grad && read(grad));
    for (const input of inputs) input.zeroGrad();
    return { shape: result.shape, y, gradients };
  });
}

export function hasDerivative({ definition }: Operation, position: number): boolean {
  return !definition.withoutDerivative?.includes(position);
}
