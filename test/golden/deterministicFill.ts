/**
 * The fill of the architecture fixtures: numbers in [−1, 1) that are a hash of (seed, position), so that no weights need to be stored.
 *
 * The rule stands in words in the fixtures (`params.rule` of the case `fill`).
 */
import type { Module } from "../../src/nn/module.js";
import { sizeOf, type Shape } from "../../src/tensor/shape.js";
import type { Values } from "./fields.js";

/** Element i of the sequence `seed`. */
export function fill(seed: number, i: number): number {
  let h = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca77);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  h ^= h >>> 12;
  h = Math.imul(h, 0x297a2d39);
  h ^= h >>> 15;
  return ((h >>> 0) / 2 ** 32 - 0.5) * 2;
}

/** The constants of the rule, in the order in which they occur in it: what a recorded rule is recognised by. */
export const RULE_CONSTANTS = ["0x9E3779B1", "0x85EBCA77", "h>>>15", "0x2C1B3C6D", "h>>>12", "0x297A2D39", "h>>>15"];

/** A tensor of `scale · u + shift`. */
export function filled(shape: Shape, seed: number, scale = 1, shift = 0): Values {
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => scale * fill(seed, i) + shift) };
}

/** Parameters and running statistics of a network by the rule. `frozen` parameters stay 1. */
export function filledState(network: Module): Map<string, Values> {
  const state = new Map<string, Values>();
  for (const [p, { name, shape, trainable }] of network.parameterShapes().entries()) {
    if (!trainable) state.set(name, { shape, data: new Float64Array(sizeOf(shape)).fill(1) });
    else if (name.endsWith("prelu.weight")) state.set(name, filled(shape, p, 0.05, 0.25));
    else if (name.endsWith("bias")) state.set(name, filled(shape, p, 0.1));
    else if (shape.length === 1) state.set(name, filled(shape, p, 0.1, 1));
    else state.set(name, filled(shape, p, Math.sqrt(3 / sizeOf(shape.slice(1)))));
  }
  const means = network.bufferShapes().filter(({ name }) => name.endsWith("running_mean"));
  for (const [b, { name, shape }] of means.entries()) {
    state.set(name, filled(shape, 1000 + b, 0.1));
    const spread = filled(shape, 2000 + b);
    const data = Float64Array.from(spread.data, (u) => 1 + 0.5 * Math.abs(u));
    state.set(name.replace(/running_mean$/, "running_var"), { shape, data });
  }
  return state;
}
