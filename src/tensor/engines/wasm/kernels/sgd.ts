/** The rule of SGD on numbers that lie side by side: of a tensor, or of one row of a table. */
import { floats } from "./common";

/**
 * g = gradient + decay · value; velocity = momentum · velocity + g; value −= rate · velocity, or with Nesterov rate · (g + momentum ·
 * velocity). velocity: 0 for none, and then value −= rate · g.
 */
export function sgdRun(
  value: usize, gradient: usize, velocity: usize, count: i32, rate: f32, momentum: f32, decay: f32, nesterov: bool,
): void {
  const r = f32x4.splat(rate);
  const m = f32x4.splat(momentum);
  const d = f32x4.splat(decay);
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) {
    const at = floats(i);
    const w = v128.load(value + at);
    const g = f32x4.add(v128.load(gradient + at), f32x4.mul(w, d));
    let step = g;
    if (velocity) {
      const v = f32x4.add(f32x4.mul(v128.load(velocity + at), m), g);
      v128.store(velocity + at, v);
      step = nesterov ? f32x4.add(g, f32x4.mul(v, m)) : v;
    }
    v128.store(value + at, f32x4.sub(w, f32x4.mul(r, step)));
  }
  for (; i < count; i++) {
    const at = floats(i);
    const w = load<f32>(value + at);
    const g = load<f32>(gradient + at) + w * decay;
    let step = g;
    if (velocity) {
      const v = load<f32>(velocity + at) * momentum + g;
      store<f32>(velocity + at, v);
      step = nesterov ? g + v * momentum : v;
    }
    store<f32>(value + at, w - rate * step);
  }
}
