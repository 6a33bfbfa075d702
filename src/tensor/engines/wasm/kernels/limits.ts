/**
 * What the machine gives to these kernels at best: arithmetic without memory, memory without arithmetic, and two threads that meet.
 *
 * No part of a computation. A benchmark measures them beside the real kernels, to say what fraction of the possible they reach.
 */
import { floats } from "./common";
import { multiplyAdd } from "./multiplyAdd";

/**
 * c ← c · a + b in 12 chains of four lanes: 96 operations an iteration. With a and b that fills 14 vector registers, and
 * a chain waits for itself no longer than the units take for the other eleven. out: 4 floats an item, so that nothing is left out.
 */
export function multiplyAddLimit(begin: i32, end: i32, scratch: usize, out: usize, iterations: i32): void {
  const a = f32x4.splat(0.5);
  const b = f32x4.splat(1);
  for (let item = begin; item < end; item++) {
    let c0 = f32x4.splat(<f32>item);
    let c1 = c0;
    let c2 = c0;
    let c3 = c0;
    let c4 = c0;
    let c5 = c0;
    let c6 = c0;
    let c7 = c0;
    let c8 = c0;
    let c9 = c0;
    let c10 = c0;
    let c11 = c0;
    for (let i = 0; i < iterations; i++) {
      c0 = multiplyAdd(c0, a, b);
      c1 = multiplyAdd(c1, a, b);
      c2 = multiplyAdd(c2, a, b);
      c3 = multiplyAdd(c3, a, b);
      c4 = multiplyAdd(c4, a, b);
      c5 = multiplyAdd(c5, a, b);
      c6 = multiplyAdd(c6, a, b);
      c7 = multiplyAdd(c7, a, b);
      c8 = multiplyAdd(c8, a, b);
      c9 = multiplyAdd(c9, a, b);
      c10 = multiplyAdd(c10, a, b);
      c11 = multiplyAdd(c11, a, b);
    }
    const first = f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3));
    const second = f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7));
    const third = f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11));
    v128.store(out + floats(4 * item), f32x4.add(f32x4.add(first, second), third));
  }
}

/** y = x, in items of `count` floats (a multiple of 16). */
export function copyLimit(begin: i32, end: i32, scratch: usize, x: usize, y: usize, count: i32): void {
  let from = x + floats(begin) * <usize>count;
  let to = y + floats(begin) * <usize>count;
  const last = x + floats(end) * <usize>count;
  for (; from < last; from += 64, to += 64) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
  }
}

/** z = x + y / 2, in items of `count` floats (a multiple of 16): the triad of McCalpin's STREAM (1995). */
export function triadLimit(begin: i32, end: i32, scratch: usize, x: usize, y: usize, z: usize, count: i32): void {
  const half = f32x4.splat(0.5);
  let at = floats(begin) * <usize>count;
  const last = floats(end) * <usize>count;
  for (; at < last; at += 64) {
    v128.store(z + at, f32x4.add(v128.load(x + at), f32x4.mul(half, v128.load(y + at))));
    v128.store(z + at, f32x4.add(v128.load(x + at, 16), f32x4.mul(half, v128.load(y + at, 16))), 16);
    v128.store(z + at, f32x4.add(v128.load(x + at, 32), f32x4.mul(half, v128.load(y + at, 32))), 32);
    v128.store(z + at, f32x4.add(v128.load(x + at, 48), f32x4.mul(half, v128.load(y + at, 48))), 48);
  }
}

/**
 * An item counts itself in and waits until `parties` have: as many threads must work on as many items at the same time. counter: an
 * integer, 0 at first. Gives up after `patience` looks and leaves −1 there: a thread is lost.
 */
export function meet(begin: i32, end: i32, scratch: usize, counter: usize, parties: i32, patience: i32): void {
  for (let item = begin; item < end; item++) {
    atomic.add<i32>(counter, 1);
    let looks = 0;
    while (atomic.load<i32>(counter) < parties) {
      if (++looks < patience) continue;
      atomic.store<i32>(counter, -1);
      return;
    }
  }
}
