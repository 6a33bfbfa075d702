/** Layer norm over the rows of [N, M], statistics in float64 and in two passes over a row that is in the cache. */
import { floats, lanes64, promoteHigh, promoteLow, sumRow } from "./common";

/** y = (x − mean) / √(variance + epsilon) · weight + bias. Item: one row. */
export function layerNorm(
  begin: i32, end: i32, scratch: usize,
  x: usize, weight: usize, bias: usize, y: usize, mean: usize, inverseDeviation: usize, columns: i32, epsilon: f64,
): void {
  for (let row = begin; row < end; row++) {
    const at = floats(row) * <usize>columns;
    const average = sumRow(x + at, columns) / <f64>columns;
    const inverse = 1 / sqrt<f64>(squaredDistances(x + at, columns, average) / <f64>columns + epsilon);
    store<f32>(mean + floats(row), <f32>average);
    store<f32>(inverseDeviation + floats(row), <f32>inverse);
    const center = <f32>average;
    const lost = <f32>(average - <f64>center);
    const scale = <f32>inverse;
    for (let i = 0; i < (columns & ~3); i += 4) {
      const d = f32x4.sub(f32x4.sub(v128.load(x + at + floats(i)), f32x4.splat(center)), f32x4.splat(lost));
      const w = v128.load(weight + floats(i));
      const b = v128.load(bias + floats(i));
      v128.store(y + at + floats(i), f32x4.add(f32x4.mul(f32x4.mul(d, f32x4.splat(scale)), w), b));
    }
    for (let i = columns & ~3; i < columns; i++) {
      const d = load<f32>(x + at + floats(i)) - center - lost;
      store<f32>(y + at + floats(i), d * scale * load<f32>(weight + floats(i)) + load<f32>(bias + floats(i)));
    }
  }
}

/** Σ (x − center)² */
function squaredDistances(x: usize, count: i32, center: f64): f64 {
  const c = f64x2.splat(center);
  let a = f64x2.splat(0);
  let b = a;
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) {
    const v = v128.load(x + floats(i));
    const p = f64x2.sub(promoteLow(v), c);
    const q = f64x2.sub(promoteHigh(v), c);
    a = f64x2.add(a, f64x2.mul(p, p));
    b = f64x2.add(b, f64x2.mul(q, q));
  }
  let sum = lanes64(f64x2.add(a, b));
  for (; i < count; i++) {
    const p = <f64>load<f32>(x + floats(i)) - center;
    sum += p * p;
  }
  return sum;
}

/** With h = dy · weight and x̂ = (x − mean) · inverse: dx = inverse · (h − ⟨h⟩ − x̂·⟨h·x̂⟩). Item: one row. */
export function layerNormInputGradient(
  begin: i32, end: i32, scratch: usize,
  dy: usize, x: usize, weight: usize, mean: usize, inverseDeviation: usize, dx: usize, columns: i32,
): void {
  for (let row = begin; row < end; row++) {
    const at = floats(row) * <usize>columns;
    const center = load<f32>(mean + floats(row));
    const inverse = <f64>load<f32>(inverseDeviation + floats(row));
    const c = f32x4.splat(center);
    let sumX = f64x2.splat(0);
    let sumH = sumX;
    let sumHX = sumX;
    let i: i32 = 0;
    for (; i + 4 <= columns; i += 4) {
      const d = f32x4.sub(v128.load(x + at + floats(i)), c);
      const h = f32x4.mul(v128.load(dy + at + floats(i)), v128.load(weight + floats(i)));
      const dl = promoteLow(d);
      const dh = promoteHigh(d);
      const hl = promoteLow(h);
      const hh = promoteHigh(h);
      sumX = f64x2.add(sumX, f64x2.add(dl, dh));
      sumH = f64x2.add(sumH, f64x2.add(hl, hh));
      sumHX = f64x2.add(sumHX, f64x2.add(f64x2.mul(dl, hl), f64x2.mul(dh, hh)));
    }
    let totalX = lanes64(sumX);
    let totalH = lanes64(sumH);
    let totalHX = lanes64(sumHX);
    for (; i < columns; i++) {
      const d = <f64>(load<f32>(x + at + floats(i)) - center);
      const h = <f64>(load<f32>(dy + at + floats(i)) * load<f32>(weight + floats(i)));
      totalX += d;
      totalH += h;
      totalHX += d * h;
    }
    const n = <f64>columns;
    const lost = totalX / n; // the mean is center + lost
    const slope = (inverse * inverse * inverse * (totalHX - lost * totalH)) / n;
    const offset = <f32>(slope * lost - (inverse * totalH) / n);
    const sv = f32x4.splat(<f32>slope);
    const iv = f32x4.splat(<f32>inverse);
    const ov = f32x4.splat(offset);
    for (i = 0; i + 4 <= columns; i += 4) {
      const d = f32x4.sub(v128.load(x + at + floats(i)), c);
      const h = f32x4.mul(v128.load(dy + at + floats(i)), v128.load(weight + floats(i)));
      v128.store(dx + at + floats(i), f32x4.add(f32x4.sub(f32x4.mul(h, iv), f32x4.mul(d, sv)), ov));
    }
    for (; i < columns; i++) {
      const d = load<f32>(x + at + floats(i)) - center;
      const h = load<f32>(dy + at + floats(i)) * load<f32>(weight + floats(i));
      store<f32>(dx + at + floats(i), h * <f32>inverse - d * <f32>slope + offset);
    }
  }
}

/** dweight = Σ dy·x̂ and dbias = Σ dy over the rows. Item: 4 neighbouring columns. */
export function layerNormWeightGradient(
  begin: i32, end: i32, scratch: usize,
  dy: usize, x: usize, mean: usize, inverseDeviation: usize, dweight: usize, dbias: usize, rows: i32, columns: i32,
): void {
  for (let item = begin; item < end; item++) {
    const left = item << 2;
    if (left + 4 <= columns) {
      let wl = f64x2.splat(0);
      let wh = wl;
      let bl = wl;
      let bh = wl;
      for (let row = 0; row < rows; row++) {
        const at = floats(row) * <usize>columns + floats(left);
        const g = v128.load(dy + at);
        const d = f32x4.sub(v128.load(x + at), v128.load32_splat(mean + floats(row)));
        const h = f32x4.mul(g, f32x4.mul(d, v128.load32_splat(inverseDeviation + floats(row))));
        wl = f64x2.add(wl, promoteLow(h));
        wh = f64x2.add(wh, promoteHigh(h));
        bl = f64x2.add(bl, promoteLow(g));
        bh = f64x2.add(bh, promoteHigh(g));
      }
      v128.store(dweight + floats(left), together(wl, wh));
      v128.store(dbias + floats(left), together(bl, bh));
    } else {
      for (let column = left; column < columns; column++) {
        let w: f64 = 0;
        let b: f64 = 0;
        for (let row = 0; row < rows; row++) {
          const at = floats(row) * <usize>columns + floats(column);
          const g = load<f32>(dy + at);
          w += <f64>(g * ((load<f32>(x + at) - load<f32>(mean + floats(row))) * load<f32>(inverseDeviation + floats(row))));
          b += <f64>g;
        }
        store<f32>(dweight + floats(column), <f32>w);
        store<f32>(dbias + floats(column), <f32>b);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function together(low: v128, high: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}
