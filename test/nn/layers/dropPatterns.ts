/** What a layer that drops something at random has to depend on, and what not. */
import assert from "node:assert/strict";
import { constant } from "../../../src/autograd/variable.js";
import { training, type Context } from "../../../src/nn/context.js";
import { Sequential } from "../../../src/nn/layers/index.js";
import type { Module } from "../../../src/nn/module.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";
import type { Shape } from "../../../src/tensor/shape.js";

/** Of two such layers one after the other: a function of seed, step, rank and place, and of nothing else. */
export function assertDrawnByName(layer: () => Module, shape: Shape): void {
  const engine = new ReferenceEngine("float64");
  /** Which of as many ones the layer at that position keeps. */
  const pattern = (context: Context, position = 0): string => {
    const layers = [layer(), layer()];
    new Sequential(layers).allocate(engine, 0);
    const y = layers[position].forward(constant(engine.full(shape, 1)), context).dataSync();
    return [...y].map((value) => (value === 0 ? "0" : "1")).join("");
  };
  const base = pattern(training(3, { seed: 1 }));
  assert.equal(pattern(training(3, { seed: 1 })), base);
  for (const other of [
    pattern(training(4, { seed: 1 })),
    pattern(training(3, { seed: 2 })),
    pattern(training(3, { seed: 1, rank: 1 })),
    pattern(training(3, { seed: 1 }), 1),
  ]) {
    assert.notEqual(other, base);
  }
}
