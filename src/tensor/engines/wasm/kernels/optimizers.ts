/** In-place updates. Item: a block of `BLOCK` elements. */
import { BLOCK, floats } from "./common";
import { sgdRun } from "./sgd";

/** target = keep · target + add · source */
export function blend(
  begin: i32, end: i32, scratch: usize, target: usize, source: usize, n: i32, keep: f32, add: f32,
): void {
  const stop = min(end * BLOCK, n);
  const k = f32x4.splat(keep);
  const a = f32x4.splat(add);
  for (let i = begin * BLOCK; i < stop; i += 4) {
    const at = target + floats(i);
    v128.store(at, f32x4.add(f32x4.mul(v128.load(at), k), f32x4.mul(v128.load(source + floats(i)), a)));
  }
}

/** Without momentum. */
export function sgdPlain(
  begin: i32, end: i32, scratch: usize, value: usize, gradient: usize, n: i32, rate: f32, decay: f32,
): void {
  const at = floats(begin * BLOCK);
  sgdRun(value + at, gradient + at, 0, min(end * BLOCK, n) - begin * BLOCK, rate, 0, decay, false);
}

export function sgdMomentum(
  begin: i32, end: i32, scratch: usize,
  value: usize, gradient: usize, velocity: usize, n: i32, rate: f32, momentum: f32, decay: f32, nesterov: i32,
): void {
  const at = floats(begin * BLOCK);
  const count = min(end * BLOCK, n) - begin * BLOCK;
  sgdRun(value + at, gradient + at, velocity + at, count, rate, momentum, decay, nesterov != 0);
}

/**
 * first = beta1 · first + (1 − beta1) · g; second = beta2 · second + (1 − beta2) · g²;
 * value = shrink · value − rate/(1 − beta1^t) · first / (√second · inverseRoot + epsilon), inverseRoot = 1/√(1 − beta2^t).
 * Plain Adam: g = gradient + decay · value and shrink = 1; AdamW: decay = 0 and shrink = 1 − rate · decay.
 */
export function adam(
  begin: i32, end: i32, scratch: usize,
  value: usize, gradient: usize, first: usize, second: usize, n: i32,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32, decay: f32, shrink: f32, rate: f32, inverseRoot: f32,
): void {
  const stop = min(end * BLOCK, n);
  const b1 = f32x4.splat(beta1);
  const r1 = f32x4.splat(rest1);
  const b2 = f32x4.splat(beta2);
  const r2 = f32x4.splat(rest2);
  for (let i = begin * BLOCK; i < stop; i += 4) {
    const w = v128.load(value + floats(i));
    const g = f32x4.add(v128.load(gradient + floats(i)), f32x4.mul(w, f32x4.splat(decay)));
    const m = f32x4.add(f32x4.mul(v128.load(first + floats(i)), b1), f32x4.mul(g, r1));
    const v = f32x4.add(f32x4.mul(v128.load(second + floats(i)), b2), f32x4.mul(f32x4.mul(g, g), r2));
    v128.store(first + floats(i), m);
    v128.store(second + floats(i), v);
    const deviation = f32x4.add(f32x4.mul(f32x4.sqrt(v), f32x4.splat(inverseRoot)), f32x4.splat(epsilon));
    const step = f32x4.mul(f32x4.splat(rate), f32x4.div(m, deviation));
    v128.store(value + floats(i), f32x4.sub(f32x4.mul(w, f32x4.splat(shrink)), step));
  }
}
