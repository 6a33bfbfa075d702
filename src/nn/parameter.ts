/**
 * What a module declares: parameters and buffers, described by shape and initial value, and given memory later.
 *
 * Description and memory are two steps, so that the shapes of IResNet-200 (119 million parameters) can be listed without
 * allocating them, and so that initial values can depend on the full name, which only the root of the tree knows.
 */
import { Variable, parameter } from "../autograd/variable.js";
import type { Engine } from "../tensor/engine.js";
import { formatShape, sizeOf, type Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { parameterKey, type Initializer } from "./initialize.js";

export interface ParameterOptions {
  /** false: never trained, though stored (the fixed scale of IResNet's last batch norm). */
  readonly trainable?: boolean;
  /** false: exempt from weight decay whatever the optimizer says. */
  readonly decay?: boolean;
}

/** A trained tensor of a module, of that shape and initial value. @throws Error if an extent is no whole number from 1. */
export class Parameter {
  readonly trainable: boolean;
  readonly decay: boolean;
  private held: Variable | undefined;

  constructor(
    readonly shape: Shape,
    private readonly initialize: Initializer,
    { trainable = true, decay = true }: ParameterOptions = {},
  ) {
    if (!shape.every((extent) => Number.isInteger(extent) && extent >= 1)) {
      throw new Error(`module: the extents of a parameter are whole numbers from 1; given ${formatShape(shape)}.`);
    }
    this.trainable = trainable;
    this.decay = decay;
  }

  get variable(): Variable {
    return this.held ?? unallocated("parameter", this.shape);
  }

  /** @throws Error where it has memory already: what an optimizer holds would no longer be what the module uses. */
  allocate(engine: Engine, seed: number | string, name: string): void {
    if (this.held) allocatedBefore("parameter", this.shape);
    const Elements = engine.float === "float64" ? Float64Array : Float32Array;
    const values = new Elements(sizeOf(this.shape));
    this.initialize(values, this.shape, parameterKey(seed, name));
    const tensor = engine.tensor(values, this.shape);
    this.held = this.trainable ? parameter(tensor) : new Variable(engine.keep(tensor), false);
  }

  dispose(): void {
    this.held?.zeroGrad();
    this.held?.tensor.dispose();
    this.held = undefined;
  }
}

/** State that is stored but not trained by gradients: running statistics. */
export class ModuleBuffer {
  private held: Tensor | undefined;

  constructor(
    readonly shape: Shape,
    private readonly value: number,
  ) {}

  get tensor(): Tensor {
    return this.held ?? unallocated("buffer", this.shape);
  }

  allocate(engine: Engine): void {
    if (this.held) allocatedBefore("buffer", this.shape);
    this.held = engine.keep(engine.full(this.shape, this.value));
  }

  dispose(): void {
    this.held?.dispose();
    this.held = undefined;
  }
}

function allocatedBefore(what: string, shape: Shape): never {
  throw new Error(
    `module: a ${what} of shape ${formatShape(shape)} has memory already: allocate a network once, at its root.`,
  );
}

function unallocated(what: string, shape: Shape): never {
  throw new Error(`module: a ${what} of shape ${formatShape(shape)} has no memory: call allocate(engine, seed) first.`);
}
