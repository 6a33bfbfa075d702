/** Modules one after the other, named by position. */
import { isRecording } from "../../autograd/gradientMode.js";
import type { Variable } from "../../autograd/variable.js";
import type { Context } from "../context.js";
import { Module } from "../module.js";

/** Modules in a row: the result of one is the input of the next. Their names are "0", "1", … */
export class Sequential extends Module {
  private readonly modules: readonly Module[];

  constructor(modules: readonly Module[]) {
    super();
    this.modules = modules;
  }

  override children(): readonly (readonly [string, Module])[] {
    return this.modules.map((module, position) => [String(position), module]);
  }

  /** Without a tape nothing inside a module is needed once it has answered, so its memory is released at once. */
  forward(x: Variable, context: Context): Variable {
    const { engine } = x.tensor;
    return this.modules.reduce(
      (input, module) =>
        isRecording() ? module.forward(input, context) : engine.scope(() => module.forward(input, context)),
      x,
    );
  }
}
