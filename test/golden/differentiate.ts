/** Forward and backward on recorded numbers: what nearly every layer case asks for. */
import { constant, noGrad, parameter, type Variable } from "../../src/autograd/index.js";
import { evaluating, type Context } from "../../src/nn/context.js";
import type { Module } from "../../src/nn/module.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { Unsupported, type Values } from "./fields.js";

/** A recorded tensor on the engine. The scope it is made in, or the caller, releases it. */
export function toTensor(engine: Engine, { data, shape }: Values): Tensor {
  return engine.tensor(data, shape);
}

/** The elements of a tensor, which stays. */
export async function read(tensor: Tensor): Promise<Values> {
  return { shape: tensor.shape, data: await tensor.data() };
}

/** The elements of a tensor, which is released. */
export async function take(tensor: Tensor): Promise<Values> {
  const values = await read(tensor);
  tensor.dispose();
  return values;
}

export interface Derivatives {
  readonly y: Values;
  /** Of sum(y · seed) with respect to each leaf, under its name; leaves that were not reached are absent. */
  readonly grads: Record<string, Values>;
}

/** y = forward(leaves) and its derivatives, weighed by `seed` (default: ones). */
export async function differentiate<Name extends string>(
  engine: Engine,
  recorded: Readonly<Record<Name, Values>>,
  forward: (leaves: Readonly<Record<Name, Variable>>) => Variable,
  seed?: Values,
): Promise<Derivatives> {
  const entries = Object.entries<Values>(recorded).map(
    ([name, values]) => [name, parameter(toTensor(engine, values))] as const,
  );
  const leaves = Object.fromEntries(entries) as Record<Name, Variable>;
  const y = engine.scope(() => withGradients(engine, forward(leaves), seed));
  const result = { y: await take(y), grads: await gradientsOf(leaves) };
  for (const [, { tensor }] of entries) tensor.dispose();
  return result;
}

/** As `differentiate`, of a module: gradients of its input `x` and of its parameters. The module keeps its memory. */
export async function differentiateModule(
  engine: Engine,
  module: Module,
  x: Values,
  { context = evaluating, seed }: { readonly context?: Context; readonly seed?: Values } = {},
): Promise<Derivatives> {
  const input = parameter(toTensor(engine, x));
  const y = engine.scope(() => withGradients(engine, module.forward(input, context), seed));
  const trained = module.parameters().filter(({ trainable }) => trainable);
  const leaves = Object.fromEntries(trained.map(({ name, variable }) => [name, variable]));
  const result = { y: await take(y), grads: await gradientsOf({ ...leaves, x: input }) };
  input.tensor.dispose();
  return result;
}

/** What a module answers, without a tape. */
export async function apply(engine: Engine, module: Module, x: Values, context: Context): Promise<Values> {
  const y = engine.scope(() => noGrad(() => module.forward(constant(toTensor(engine, x)), context)).tensor);
  return take(y);
}

function withGradients(engine: Engine, y: Variable, seed?: Values): Tensor {
  if (y.requiresGrad) y.backward(seed ? toTensor(engine, seed) : engine.full(y.shape, 1));
  return y.tensor;
}

async function gradientsOf(leaves: Readonly<Record<string, Variable>>): Promise<Record<string, Values>> {
  const grads: Record<string, Values> = {};
  for (const [name, leaf] of Object.entries(leaves)) {
    if (leaf.grad) grads[name] = await read(leaf.grad);
    leaf.zeroGrad();
  }
  return grads;
}

/**
 * How to make a module with the recorded parameters in it, on any engine; buffers that are not recorded keep their initial values.
 * Throws `Unsupported` where the recorded names are not those of the module.
 */
export function recordedModule<M extends Module>(
  make: () => M,
  recorded: ReadonlyMap<string, Values>,
): (engine: Engine) => Promise<M> {
  const description = make();
  const parameters = description.parameterShapes().map(({ name }) => name);
  const named = new Set([...parameters, ...description.bufferShapes().map(({ name }) => name)]);
  const strange = [...recorded.keys()].filter((name) => !named.has(name));
  const missing = parameters.filter((name) => !recorded.has(name));
  if (strange.length > 0) throw new Unsupported(`parameters that the module does not have: ${strange.join(", ")}`);
  if (missing.length > 0) throw new Unsupported(`parameters of the module are missing: ${missing.join(", ")}`);
  return async (engine) => {
    const module = make().allocate(engine, 0);
    const state = new Map<string, Values>();
    for (const [name, tensor] of module.stateDictionary()) state.set(name, recorded.get(name) ?? (await read(tensor)));
    module.loadStateDictionary(state);
    return module;
  };
}
