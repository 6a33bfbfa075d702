/**
 * PReLU, channel scaling and batch norm over x: [B, C, inner].
 *
 * Sums over a channel are its item's own, in a fixed order: float32 over at most RUN elements, float64 from there on.
 */
import { RUN, floats, lanes, sumRow } from "./common";

/** y = x where x > 0, else slope · x. Item: one row (b, c); slopeStep is 0 where one slope serves all channels. */
export function prelu(
  begin: i32, end: i32, scratch: usize, x: usize, slope: usize, slopeStep: i32, y: usize, channels: i32, inner: i32,
): void {
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const s = v128.load32_splat(slope + floats((row % channels) * slopeStep));
    const from = x + floats(row) * <usize>inner;
    const to = y + floats(row) * <usize>inner;
    let i: i32 = 0;
    for (; i + 4 <= inner; i += 4) {
      const v = v128.load(from + floats(i));
      v128.store(to + floats(i), v128.bitselect(v, f32x4.mul(v, s), f32x4.gt(v, zero)));
    }
    for (; i < inner; i++) {
      const v = load<f32>(from + floats(i));
      store<f32>(to + floats(i), v > 0 ? v : v * f32x4.extract_lane(s, 0));
    }
  }
}

/** dx = dy where x > 0, else slope · dy; dslope[c] = Σ x·dy over x <= 0. Item: one channel. */
export function preluGradient(
  begin: i32, end: i32, scratch: usize,
  x: usize, slope: usize, slopeStep: i32, dy: usize, dx: usize, dslope: usize, batch: i32, channels: i32, inner: i32,
): void {
  const zero = f32x4.splat(0);
  for (let channel = begin; channel < end; channel++) {
    const s = v128.load32_splat(slope + floats(channel * slopeStep));
    let total: f64 = 0;
    let a = zero;
    let b = zero;
    let c = zero;
    let d = zero;
    let run: i32 = 0;
    for (let image = 0; image < batch; image++) {
      const at = floats(image * channels + channel) * <usize>inner;
      let i: i32 = 0;
      while (i + 16 <= inner) {
        const stop = min(inner, i + RUN);
        for (; i + 16 <= stop; i += 16) {
          const p = at + floats(i);
          a = f32x4.add(a, preluFour(x + p, dy + p, dx + p, s));
          b = f32x4.add(b, preluFour(x + p + 16, dy + p + 16, dx + p + 16, s));
          c = f32x4.add(c, preluFour(x + p + 32, dy + p + 32, dx + p + 32, s));
          d = f32x4.add(d, preluFour(x + p + 48, dy + p + 48, dx + p + 48, s));
          run += 16;
        }
        if (run >= RUN) {
          total += lanes(a) + lanes(b) + (lanes(c) + lanes(d));
          a = b = c = d = zero;
          run = 0;
        }
      }
      for (; i + 4 <= inner; i += 4) {
        const p = at + floats(i);
        total += lanes(preluFour(x + p, dy + p, dx + p, s));
      }
      for (; i < inner; i++) {
        const p = at + floats(i);
        const v = load<f32>(x + p);
        const g = load<f32>(dy + p);
        store<f32>(dx + p, v > 0 ? g : g * f32x4.extract_lane(s, 0));
        total += v > 0 ? 0 : <f64>v * <f64>g;
      }
    }
    store<f32>(dslope + floats(channel), <f32>(total + (lanes(a) + lanes(b) + (lanes(c) + lanes(d)))));
  }
}

/** Four elements of dx; gives their share in dslope. */
// @ts-ignore: decorator
@inline
function preluFour(x: usize, dy: usize, dx: usize, slope: v128): v128 {
  const v = v128.load(x);
  const g = v128.load(dy);
  const positive = f32x4.gt(v, f32x4.splat(0));
  v128.store(dx, v128.bitselect(g, f32x4.mul(g, slope), positive));
  return v128.andnot(f32x4.mul(v, g), positive);
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

/** y = scale · (x − center) + shift */
// @ts-ignore: decorator
@inline
function scaleRow(x: usize, y: usize, count: i32, center: f32, scale: f32, shift: f32): void {
  const c = f32x4.splat(center);
  const s = f32x4.splat(scale);
  const t = f32x4.splat(shift);
  let i: i32 = 0;
  for (; i + 8 <= count; i += 8) {
    const v = v128.load(x + floats(i));
    const w = v128.load(x + floats(i), 16);
    v128.store(y + floats(i), f32x4.add(f32x4.mul(f32x4.sub(v, c), s), t));
    v128.store(y + floats(i), f32x4.add(f32x4.mul(f32x4.sub(w, c), s), t), 16);
  }
  for (; i < count; i++) store<f32>(y + floats(i), (load<f32>(x + floats(i)) - center) * scale + shift);
}

/**
 * Batch norm of one channel an item. The sums are of d = x − first, where first is the mean of the channel in the first image: near the mean, so
 * that E[d²] − E[d]² cancels little, and one reading of x is enough. y = (x − mean) · weight/√(variance + epsilon) + bias, where the part
 * of the mean that float32 does not hold goes into the bias.
 */
export function batchNorm(
  begin: i32, end: i32, scratch: usize,
  x: usize, weight: usize, bias: usize, y: usize, mean: usize, variance: usize, inverseDeviation: usize,
  batch: i32, channels: i32, inner: i32, epsilon: f64,
): void {
  const zero = f32x4.splat(0);
  const count = <f64>batch * <f64>inner;
  for (let channel = begin; channel < end; channel++) {
    const first = <f32>(sumRow(x + floats(channel) * <usize>inner, inner) / <f64>inner);
    const f = f32x4.splat(first);
    let sum: f64 = 0;
    let squares: f64 = 0;
    let a = zero;
    let b = zero;
    let c = zero;
    let d = zero;
    let aa = zero;
    let bb = zero;
    let cc = zero;
    let dd = zero;
    let run: i32 = 0;
    for (let image = 0; image < batch; image++) {
      const from = x + floats(image * channels + channel) * <usize>inner;
      let i: i32 = 0;
      while (i + 16 <= inner) {
        const stop = min(inner, i + RUN);
        for (; i + 16 <= stop; i += 16) {
          const p = f32x4.sub(v128.load(from + floats(i)), f);
          const q = f32x4.sub(v128.load(from + floats(i), 16), f);
          const r = f32x4.sub(v128.load(from + floats(i), 32), f);
          const s = f32x4.sub(v128.load(from + floats(i), 48), f);
          a = f32x4.add(a, p);
          b = f32x4.add(b, q);
          c = f32x4.add(c, r);
          d = f32x4.add(d, s);
          aa = f32x4.add(aa, f32x4.mul(p, p));
          bb = f32x4.add(bb, f32x4.mul(q, q));
          cc = f32x4.add(cc, f32x4.mul(r, r));
          dd = f32x4.add(dd, f32x4.mul(s, s));
          run += 16;
        }
        if (run >= RUN) {
          sum += lanes(a) + lanes(b) + (lanes(c) + lanes(d));
          squares += lanes(aa) + lanes(bb) + (lanes(cc) + lanes(dd));
          a = b = c = d = aa = bb = cc = dd = zero;
          run = 0;
        }
      }
      for (; i < inner; i++) {
        const p = <f64>(load<f32>(from + floats(i)) - first);
        sum += p;
        squares += p * p;
      }
    }
    sum += lanes(a) + lanes(b) + (lanes(c) + lanes(d));
    squares += lanes(aa) + lanes(bb) + (lanes(cc) + lanes(dd));

    const shift = sum / count;
    const average = <f64>first + shift;
    const spread = max<f64>(0, squares / count - shift * shift);
    const inverse = 1 / sqrt<f64>(spread + epsilon);
    const center = <f32>average;
    store<f32>(mean + floats(channel), center);
    store<f32>(variance + floats(channel), <f32>spread);
    store<f32>(inverseDeviation + floats(channel), <f32>inverse);

    const scale = <f64>load<f32>(weight + floats(channel)) * inverse;
    const offset = <f32>(<f64>load<f32>(bias + floats(channel)) - (average - <f64>center) * scale);
    for (let image = 0; image < batch; image++) {
      const at = floats(image * channels + channel) * <usize>inner;
      scaleRow(x + at, y + at, inner, center, <f32>scale, offset);
    }
  }
}

/**
 * With x̂ = (x − mean) · inverse, and averages ⟨·⟩ over the channel:
 * dbias = Σ dy, dweight = Σ dy·x̂, dx = weight · inverse · (dy − ⟨dy⟩ − x̂·⟨dy·x̂⟩).
 * The mean is taken to full precision again: Σ (x − mean) tells what its float32 form has lost. Item: one channel.
 */
export function batchNormGradient(
  begin: i32, end: i32, scratch: usize,
  dy: usize, x: usize, weight: usize, mean: usize, inverseDeviation: usize, dx: usize, dweight: usize, dbias: usize,
  batch: i32, channels: i32, inner: i32,
): void {
  const zero = f32x4.splat(0);
  const count = <f64>batch * <f64>inner;
  for (let channel = begin; channel < end; channel++) {
    const center = load<f32>(mean + floats(channel));
    const inverse = <f64>load<f32>(inverseDeviation + floats(channel));
    const m = f32x4.splat(center);
    let sumX: f64 = 0; // Σ (x − mean)
    let sumG: f64 = 0; // Σ dy
    let sumGX: f64 = 0; // Σ dy · (x − mean)
    let a = zero;
    let b = zero;
    let g = zero;
    let h = zero;
    let ga = zero;
    let hb = zero;
    let run: i32 = 0;
    for (let image = 0; image < batch; image++) {
      const at = floats(image * channels + channel) * <usize>inner;
      let i: i32 = 0;
      while (i + 8 <= inner) {
        const stop = min(inner, i + RUN);
        for (; i + 8 <= stop; i += 8) {
          const p = f32x4.sub(v128.load(x + at + floats(i)), m);
          const q = f32x4.sub(v128.load(x + at + floats(i), 16), m);
          const u = v128.load(dy + at + floats(i));
          const v = v128.load(dy + at + floats(i), 16);
          a = f32x4.add(a, p);
          b = f32x4.add(b, q);
          g = f32x4.add(g, u);
          h = f32x4.add(h, v);
          ga = f32x4.add(ga, f32x4.mul(p, u));
          hb = f32x4.add(hb, f32x4.mul(q, v));
          run += 8;
        }
        if (run >= RUN / 2) {
          sumX += lanes(a) + lanes(b);
          sumG += lanes(g) + lanes(h);
          sumGX += lanes(ga) + lanes(hb);
          a = b = g = h = ga = hb = zero;
          run = 0;
        }
      }
      for (; i < inner; i++) {
        const p = <f64>(load<f32>(x + at + floats(i)) - center);
        const u = <f64>load<f32>(dy + at + floats(i));
        sumX += p;
        sumG += u;
        sumGX += p * u;
      }
    }
    sumX += lanes(a) + lanes(b);
    sumG += lanes(g) + lanes(h);
    sumGX += lanes(ga) + lanes(hb);

    const lost = sumX / count; // the mean is center + lost
    const dw = (sumGX - lost * sumG) * inverse;
    store<f32>(dweight + floats(channel), <f32>dw);
    store<f32>(dbias + floats(channel), <f32>sumG);
    // dx = scale · dy − slope · (x − center) + offset
    const scale = <f64>load<f32>(weight + floats(channel)) * inverse;
    const slope = (scale * inverse * dw) / count;
    const offset = slope * lost - (scale * sumG) / count;
    const sv = f32x4.splat(<f32>scale);
    const lv = f32x4.splat(<f32>slope);
    const ov = f32x4.splat(<f32>offset);
    for (let image = 0; image < batch; image++) {
      const at = floats(image * channels + channel) * <usize>inner;
      let i: i32 = 0;
      for (; i + 4 <= inner; i += 4) {
        const p = f32x4.sub(v128.load(x + at + floats(i)), m);
        const u = f32x4.mul(v128.load(dy + at + floats(i)), sv);
        v128.store(dx + at + floats(i), f32x4.add(f32x4.sub(u, f32x4.mul(p, lv)), ov));
      }
      for (; i < inner; i++) {
        const p = load<f32>(x + at + floats(i)) - center;
        store<f32>(dx + at + floats(i), load<f32>(dy + at + floats(i)) * <f32>scale - p * <f32>slope + <f32>offset);
      }
    }
  }
}

/** x: [B, C], one slope a column. Item: one row. */
export function preluFeatures(
  begin: i32, end: i32, scratch: usize, x: usize, slope: usize, y: usize, columns: i32,
): void {
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const at = floats(row) * <usize>columns;
    let i: i32 = 0;
    for (; i + 4 <= columns; i += 4) {
      const v = v128.load(x + at + floats(i));
      const product = f32x4.mul(v, v128.load(slope + floats(i)));
      v128.store(y + at + floats(i), v128.bitselect(v, product, f32x4.gt(v, zero)));
    }
    for (; i < columns; i++) {
      const v = load<f32>(x + at + floats(i));
      store<f32>(y + at + floats(i), v > 0 ? v : v * load<f32>(slope + floats(i)));
    }
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
      store<f32>(y + at + floats(i), load<f32>(x + at + floats(i)) * load<f32>(scale + floats(i)) + load<f32>(shift + floats(i)));
    }
  }
}
