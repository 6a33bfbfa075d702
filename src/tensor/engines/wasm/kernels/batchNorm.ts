/**
 * Batch norm of x: [B, C, inner], and scaling of channels.
 *
 * Three steps: sums of every row (b, c), written as doubles; per channel these are added in order and make the coefficients; every row
 * is computed with the coefficients of its channel. So x is read twice, but always from front to back, which is quicker (measured: twice as fast at
 * [128, 32, 32, 32]) than one channel at a time, whose rows are far apart in memory.
 */
import { RUN, floats, lanes, sumRow } from "./common";

// @ts-ignore: decorator
@inline
function doubles(count: i32): usize {
  return (<usize>count) << 3;
}

/**
 * partial[row] = Σ d, Σ d², where d = x − first[c] and first[c] is the mean of the channel in the first image: near the mean, so
 * that E[d²] − E[d]² cancels little. Item: one row.
 */
export function batchNormSums(
  begin: i32, end: i32, scratch: usize, x: usize, first: usize, partial: usize, channels: i32, inner: i32,
): void {
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const center = load<f32>(first + floats(row % channels));
    const f = f32x4.splat(center);
    let from = x + floats(row) * <usize>inner;
    let sum: f64 = 0;
    let squares: f64 = 0;
    let a = zero;
    let b = zero;
    let aa = zero;
    let bb = zero;
    let run: i32 = 0;
    let left = inner;
    for (; left >= 8; left -= 8, from += 32) {
      const p = f32x4.sub(v128.load(from), f);
      const q = f32x4.sub(v128.load(from, 16), f);
      a = f32x4.add(a, p);
      b = f32x4.add(b, q);
      aa = f32x4.add(aa, f32x4.mul(p, p));
      bb = f32x4.add(bb, f32x4.mul(q, q));
      run += 8;
      if (run == RUN) {
        sum += lanes(f32x4.add(a, b));
        squares += lanes(f32x4.add(aa, bb));
        a = b = aa = bb = zero;
        run = 0;
      }
    }
    for (; left > 0; left--, from += 4) {
      const p = <f64>(load<f32>(from) - center);
      sum += p;
      squares += p * p;
    }
    store<f64>(partial + doubles(2 * row), sum + lanes(f32x4.add(a, b)));
    store<f64>(partial + doubles(2 * row), squares + lanes(f32x4.add(aa, bb)), 8);
  }
}

/** first[c] = mean of the channel in the first image. Item: one channel. */
export function firstMeans(begin: i32, end: i32, scratch: usize, x: usize, first: usize, inner: i32): void {
  for (let channel = begin; channel < end; channel++) {
    const mean = sumRow(x + floats(channel) * <usize>inner, inner) / <f64>inner;
    store<f32>(first + floats(channel), <f32>mean);
  }
}

/**
 * mean, variance and inverseDeviation = 1/√(variance + epsilon), and coefficients center, scale, shift with
 * y = (x − center) · scale + shift: the part of the mean that float32 does not hold goes into the shift. Item: one channel.
 */
export function batchNormStatistics(
  begin: i32, end: i32, scratch: usize,
  partial: usize, first: usize, weight: usize, bias: usize, mean: usize, variance: usize, inverseDeviation: usize,
  coefficients: usize, batch: i32, channels: i32, inner: i32, epsilon: f64,
): void {
  const count = <f64>batch * <f64>inner;
  for (let channel = begin; channel < end; channel++) {
    let sum: f64 = 0;
    let squares: f64 = 0;
    for (let image = 0; image < batch; image++) {
      const from = partial + doubles(2 * (image * channels + channel));
      sum += load<f64>(from);
      squares += load<f64>(from, 8);
    }
    const offset = sum / count;
    const average = <f64>load<f32>(first + floats(channel)) + offset;
    const spread = max<f64>(0, squares / count - offset * offset);
    const inverse = 1 / sqrt<f64>(spread + epsilon);
    const center = <f32>average;
    const scale = <f64>load<f32>(weight + floats(channel)) * inverse;
    store<f32>(mean + floats(channel), center);
    store<f32>(variance + floats(channel), <f32>spread);
    store<f32>(inverseDeviation + floats(channel), <f32>inverse);
    const to = coefficients + floats(3 * channel);
    store<f32>(to, center);
    store<f32>(to, <f32>scale, 4);
    store<f32>(to, <f32>(<f64>load<f32>(bias + floats(channel)) - (average - <f64>center) * scale), 8);
  }
}

/** y = (x − center) · scale + shift. Item: one row (b, c). */
export function batchNormRows(
  begin: i32, end: i32, scratch: usize, x: usize, coefficients: usize, y: usize, channels: i32, inner: i32,
): void {
  for (let row = begin; row < end; row++) {
    const at = floats(row) * <usize>inner;
    const entry = coefficients + floats(3 * (row % channels));
    scaleRow(x + at, y + at, inner, load<f32>(entry), load<f32>(entry, 4), load<f32>(entry, 8));
  }
}

// @ts-ignore: decorator
@inline
function scaleRow(x: usize, y: usize, count: i32, center: f32, scale: f32, shift: f32): void {
  const c = f32x4.splat(center);
  const s = f32x4.splat(scale);
  const t = f32x4.splat(shift);
  let from = x;
  let to = y;
  let left = count;
  for (; left >= 8; left -= 8, from += 32, to += 32) {
    v128.store(to, f32x4.add(f32x4.mul(f32x4.sub(v128.load(from), c), s), t));
    v128.store(to, f32x4.add(f32x4.mul(f32x4.sub(v128.load(from, 16), c), s), t), 16);
  }
  for (; left > 0; left--, from += 4, to += 4) store<f32>(to, (load<f32>(from) - center) * scale + shift);
}

/** partial[row] = Σ d, Σ dy, Σ dy·d, where d = x − mean[c]. Item: one row (b, c). */
export function batchNormGradientSums(
  begin: i32, end: i32, scratch: usize, dy: usize, x: usize, mean: usize, partial: usize, channels: i32, inner: i32,
): void {
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const at = floats(row) * <usize>inner;
    const center = load<f32>(mean + floats(row % channels));
    const m = f32x4.splat(center);
    let from = x + at;
    let gradient = dy + at;
    let sumX: f64 = 0;
    let sumG: f64 = 0;
    let sumGX: f64 = 0;
    let a = zero;
    let b = zero;
    let g = zero;
    let h = zero;
    let ga = zero;
    let hb = zero;
    let run: i32 = 0;
    let left = inner;
    for (; left >= 8; left -= 8, from += 32, gradient += 32) {
      const p = f32x4.sub(v128.load(from), m);
      const q = f32x4.sub(v128.load(from, 16), m);
      const u = v128.load(gradient);
      const v = v128.load(gradient, 16);
      a = f32x4.add(a, p);
      b = f32x4.add(b, q);
      g = f32x4.add(g, u);
      h = f32x4.add(h, v);
      ga = f32x4.add(ga, f32x4.mul(p, u));
      hb = f32x4.add(hb, f32x4.mul(q, v));
      run += 8;
      if (run == RUN) {
        sumX += lanes(f32x4.add(a, b));
        sumG += lanes(f32x4.add(g, h));
        sumGX += lanes(f32x4.add(ga, hb));
        a = b = g = h = ga = hb = zero;
        run = 0;
      }
    }
    for (; left > 0; left--, from += 4, gradient += 4) {
      const p = <f64>(load<f32>(from) - center);
      const u = <f64>load<f32>(gradient);
      sumX += p;
      sumG += u;
      sumGX += p * u;
    }
    const to = partial + doubles(3 * row);
    store<f64>(to, sumX + lanes(f32x4.add(a, b)));
    store<f64>(to, sumG + lanes(f32x4.add(g, h)), 8);
    store<f64>(to, sumGX + lanes(f32x4.add(ga, hb)), 16);
  }
}

/**
 * With x̂ = (x − mean) · inverse, and averages ⟨·⟩ over the channel:
 * dbias = Σ dy, dweight = Σ dy·x̂, dx = weight · inverse · (dy − ⟨dy⟩ − x̂·⟨dy·x̂⟩).
 * Here the sums, and coefficients scale, slope, shift with dx = scale · dy − slope · (x − mean) + shift. `mean` is a rounded number; Σ (x − mean)
 * tells what it has lost. Item: one channel.
 */
export function batchNormGradientSum(
  begin: i32, end: i32, scratch: usize,
  partial: usize, weight: usize, inverseDeviation: usize, dweight: usize, dbias: usize, coefficients: usize,
  batch: i32, channels: i32, inner: i32,
): void {
  const count = <f64>batch * <f64>inner;
  for (let channel = begin; channel < end; channel++) {
    let sumX: f64 = 0;
    let sumG: f64 = 0;
    let sumGX: f64 = 0;
    for (let image = 0; image < batch; image++) {
      const from = partial + doubles(3 * (image * channels + channel));
      sumX += load<f64>(from);
      sumG += load<f64>(from, 8);
      sumGX += load<f64>(from, 16);
    }
    const inverse = <f64>load<f32>(inverseDeviation + floats(channel));
    const lost = sumX / count;
    const dw = (sumGX - lost * sumG) * inverse;
    const scale = <f64>load<f32>(weight + floats(channel)) * inverse;
    const slope = (scale * inverse * dw) / count;
    store<f32>(dweight + floats(channel), <f32>dw);
    store<f32>(dbias + floats(channel), <f32>sumG);
    const to = coefficients + floats(3 * channel);
    store<f32>(to, <f32>scale);
    store<f32>(to, <f32>slope, 4);
    store<f32>(to, <f32>(slope * lost - (scale * sumG) / count), 8);
  }
}

/** dx = scale · dy − slope · (x − mean) + shift. Item: one row (b, c). */
export function batchNormGradientRows(
  begin: i32, end: i32, scratch: usize,
  dy: usize, x: usize, mean: usize, coefficients: usize, dx: usize, channels: i32, inner: i32,
): void {
  for (let row = begin; row < end; row++) {
    const channel = row % channels;
    const at = floats(row) * <usize>inner;
    const entry = coefficients + floats(3 * channel);
    const center = load<f32>(mean + floats(channel));
    const scale = load<f32>(entry);
    const slope = load<f32>(entry, 4);
    const shift = load<f32>(entry, 8);
    const m = f32x4.splat(center);
    const s = f32x4.splat(scale);
    const l = f32x4.splat(slope);
    const t = f32x4.splat(shift);
    let from = x + at;
    let gradient = dy + at;
    let to = dx + at;
    let left = inner;
    for (; left >= 8; left -= 8, from += 32, gradient += 32, to += 32) {
      const p = f32x4.mul(f32x4.sub(v128.load(from), m), l);
      const q = f32x4.mul(f32x4.sub(v128.load(from, 16), m), l);
      const u = f32x4.mul(v128.load(gradient), s);
      const v = f32x4.mul(v128.load(gradient, 16), s);
      v128.store(to, f32x4.add(f32x4.sub(u, p), t));
      v128.store(to, f32x4.add(f32x4.sub(v, q), t), 16);
    }
    for (; left > 0; left--, from += 4, gradient += 4, to += 4) {
      store<f32>(to, load<f32>(gradient) * scale - (load<f32>(from) - center) * slope + shift);
    }
  }
}

/** y = scale[c] · x + shift[c]. Item: one row (b, c). */
export function scaleChannels(
  begin: i32, end: i32, scratch: usize, x: usize, scale: usize, shift: usize, y: usize, channels: i32, inner: i32,
): void {
  for (let row = begin; row < end; row++) {
    const at = floats(row) * <usize>inner;
    const channel = floats(row % channels);
    scaleRow(x + at, y + at, inner, 0, load<f32>(scale + channel), load<f32>(shift + channel));
  }
}

/** x: [B, C], y = scale[c] · x + shift[c]. Item: one row. */
export function scaleFeatures(
  begin: i32, end: i32, scratch: usize, x: usize, scale: usize, shift: usize, y: usize, columns: i32,
): void {
  for (let row = begin; row < end; row++) {
    const at = floats(row) * <usize>columns;
    let i: i32 = 0;
    for (; i + 4 <= columns; i += 4) {
      const product = f32x4.mul(v128.load(x + at + floats(i)), v128.load(scale + floats(i)));
      v128.store(y + at + floats(i), f32x4.add(product, v128.load(shift + floats(i))));
    }
    for (; i < columns; i++) {
      const product = load<f32>(x + at + floats(i)) * load<f32>(scale + floats(i));
      store<f32>(y + at + floats(i), product + load<f32>(shift + floats(i)));
    }
  }
}
