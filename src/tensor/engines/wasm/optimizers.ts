/** Updates in place. */
import type { AdamRule, SgdRule } from "../../engine.js";
import type { Tensor } from "../../tensor.js";
import { blocksOf, pointerOf, type Context } from "./context.js";

export function assign(context: Context, target: Tensor, source: Tensor): void {
  const args = [pointerOf(context, source, "assign"), pointerOf(context, target, "assign"), target.size];
  context.run("copy", blocksOf(target.size), args, target.size);
}

export function blend(context: Context, target: Tensor, keep: number, source: Tensor, add: number): void {
  const args = [pointerOf(context, target, "blend"), pointerOf(context, source, "blend"), target.size, keep, add];
  context.run("blend", blocksOf(target.size), args, target.size);
}

export function sgdStep(
  context: Context,
  value: Tensor,
  gradient: Tensor,
  velocity: Tensor | undefined,
  { rate, momentum, decay, nesterov }: SgdRule,
): void {
  const both = [value, gradient].map((tensor) => pointerOf(context, tensor, "sgdStep"));
  const items = blocksOf(value.size);
  if (velocity === undefined) {
    context.run("sgdPlain", items, [...both, value.size, rate, decay], value.size);
  } else {
    const pointers = [...both, pointerOf(context, velocity, "sgdStep")];
    const args = [...pointers, value.size, rate, momentum, decay, nesterov ? 1 : 0];
    context.run("sgdMomentum", items, args, value.size * 2);
  }
}

export function adamStep(
  context: Context,
  value: Tensor,
  gradient: Tensor,
  first: Tensor,
  second: Tensor,
  { rate, beta1, beta2, epsilon, decay, decoupled, step }: AdamRule,
): void {
  const pointers = [value, gradient, first, second].map((tensor) => pointerOf(context, tensor, "adamStep"));
  const rule = [beta1, 1 - beta1, beta2, 1 - beta2, epsilon, decoupled ? 0 : decay, decoupled ? 1 - rate * decay : 1];
  const corrected = [rate / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)];
  context.run("adam", blocksOf(value.size), [...pointers, value.size, ...rule, ...corrected], value.size * 6);
}
