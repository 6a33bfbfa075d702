/**
 * The base of layers and networks: a tree of modules with named parameters and buffers.
 *
 * A module's own properties are its contents: every `Parameter`, `ModuleBuffer` and `Module` among them, under the property's
 * name, in the order of declaration. A module whose names are not its properties (Sequential: "0", "1", …) overrides
 * `children()`. Names are joined with dots, as in published PyTorch weights: `layer1.0.conv1.weight`. What is used in two places
 * is one thing, under the name of the first.
 *
 * A module is first a description; `allocate(engine, seed)` on the root gives the whole tree memory and initial values.
 */
import type { Variable } from "../autograd/variable.js";
import type { Engine } from "../tensor/engine.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Context } from "./context.js";
import { loadStateDictionary, type StoredValues } from "./loadStateDictionary.js";
import { ModuleBuffer, Parameter } from "./parameter.js";
import type { NamedParameter, Trainable } from "./trainable.js";

export interface NamedShape {
  readonly name: string;
  readonly shape: Shape;
  readonly trainable: boolean;
}

export interface NamedBuffer {
  readonly name: string;
  readonly tensor: Tensor;
}

/** What layers and networks extend: declare parameters, buffers and modules as properties, and `forward`. */
export abstract class Module implements Trainable {
  /** Name within the allocated tree, "" for the root: part of the name of streams that the module draws from. */
  private name = "";

  abstract forward(x: Variable, context: Context): Variable;

  /** The modules directly inside, with their names. @throws Error for modules in an array, which would never be trained. */
  children(): readonly (readonly [name: string, module: Module])[] {
    const own = Object.entries(this) as [string, unknown][];
    const list = own.find(([, value]) => Array.isArray(value) && value.some((item) => item instanceof Module));
    if (list) {
      throw new Error(
        `module: the modules in the array "${list[0]}" have no names: use a Sequential, or override children().`,
      );
    }
    return own.filter((entry): entry is [string, Module] => entry[1] instanceof Module);
  }

  /** Gives every parameter and buffer of the tree memory. Values are a function of (seed, name). Once. */
  allocate(engine: Engine, seed: number | string): this {
    for (const [name, slot] of slots(this)) slot.allocate(engine, seed, name);
    for (const [name, module] of modules(this)) module.name = name;
    return this;
  }

  get path(): string {
    return this.name;
  }

  /** All parameters, frozen ones included: a module's own before those of its children. */
  parameters(): readonly NamedParameter[] {
    return parameterSlots(this).map(([name, { shape, variable, trainable, decay }]) => ({
      name,
      shape,
      variable,
      trainable,
      decay,
    }));
  }

  buffers(): readonly NamedBuffer[] {
    return bufferSlots(this).map(([name, { tensor }]) => ({ name, tensor }));
  }

  /** Names and shapes of the parameters; needs no memory. */
  parameterShapes(): readonly NamedShape[] {
    return parameterSlots(this).map(([name, { shape, trainable }]) => ({ name, shape, trainable }));
  }

  /** Names and shapes of the buffers; needs no memory. */
  bufferShapes(): readonly NamedShape[] {
    return bufferSlots(this).map(([name, { shape }]) => ({ name, shape, trainable: false }));
  }

  /** The tensors themselves, not copies: parameters and running statistics by name. */
  stateDictionary(): Map<string, Tensor> {
    return new Map([...slots(this)].map(([name, slot]) => [name, tensorOf(slot)]));
  }

  /** Overwrites parameters and buffers. All names and shapes must agree; the error lists those that do not. */
  loadStateDictionary(values: ReadonlyMap<string, StoredValues>): void {
    loadStateDictionary(this.stateDictionary(), values);
  }

  dispose(): void {
    for (const [, slot] of slots(this)) slot.dispose();
  }
}

type Slot = Parameter | ModuleBuffer;

function tensorOf(slot: Slot): Tensor {
  return slot instanceof Parameter ? slot.variable.tensor : slot.tensor;
}

/** The module and everything under it, each once and with its full name. */
function* modules(root: Module, path = "", seen = new Set<Module>()): Generator<[name: string, module: Module]> {
  if (seen.has(root)) return;
  seen.add(root);
  yield [path, root];
  for (const [name, child] of root.children()) yield* modules(child, join(path, name), seen);
}

/** Parameters and buffers of the tree, each once: a module's parameters, its buffers, then its children. */
function* slots(root: Module): Generator<[name: string, slot: Slot]> {
  const seen = new Set<Slot>();
  for (const [path, module] of modules(root)) {
    const own = Object.entries(module) as [string, unknown][];
    for (const Kind of [Parameter, ModuleBuffer]) {
      for (const [name, value] of own) {
        if (!(value instanceof Kind) || seen.has(value)) continue;
        seen.add(value);
        yield [join(path, name), value];
      }
    }
  }
}

function parameterSlots(root: Module): [string, Parameter][] {
  return [...slots(root)].filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter);
}

function bufferSlots(root: Module): [string, ModuleBuffer][] {
  return [...slots(root)].filter((entry): entry is [string, ModuleBuffer] => entry[1] instanceof ModuleBuffer);
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
