/** PReLU of x: [B, C, inner]. Sums over a channel: a double for every row (b, c), which are then added in order. */
import { RUN, floats, lanes } from "./common";

/** y = x where x > 0, else slope · x. Item: one row (b, c); slopeStep is 0 where one slope serves all channels. */
export function prelu(
  begin: i32, end: i32, scratch: usize, x: usize, slope: usize, slopeStep: i32, y: usize, channels: i32, inner: i32,
): void {
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    const s = v128.load32_splat(slope + floats((row % channels) * slopeStep));
    let from = x + floats(row) * <usize>inner;
    let to = y + floats(row) * <usize>inner;
    let left = inner;
    for (; left >= 8; left -= 8, from += 32, to += 32) {
      const v = v128.load(from);
      const w = v128.load(from, 16);
      v128.store(to, v128.bitselect(v, f32x4.mul(v, s), f32x4.gt(v, zero)));
      v128.store(to, v128.bitselect(w, f32x4.mul(w, s), f32x4.gt(w, zero)), 16);
    }
    for (; left > 0; left--, from += 4, to += 4) {
      const v = load<f32>(from);
      store<f32>(to, v > 0 ? v : v * f32x4.extract_lane(s, 0));
    }
  }
}

/** x: [B, C], one slope a column. Item: one row. */
export function preluFeatures(
  begin: i32, end: i32, scratch: usize, x: usize, slope: usize, y: usize, columns: i32,
): void {
  const zero = f32x4.splat(0);
  for (let row = begin; row < end; row++) {
    let from = x + floats(row) * <usize>columns;
    let to = y + floats(row) * <usize>columns;
    let s = slope;
    let left = columns;
    for (; left >= 4; left -= 4, from += 16, to += 16, s += 16) {
      const v = v128.load(from);
      v128.store(to, v128.bitselect(v, f32x4.mul(v, v128.load(s)), f32x4.gt(v, zero)));
    }
    for (; left > 0; left--, from += 4, to += 4, s += 4) {
      const v = load<f32>(from);
      store<f32>(to, v > 0 ? v : v * load<f32>(s));
    }
  }
}

/** dx = dy where x > 0, else slope · dy; partial[row] = Σ x·dy over x <= 0. Item: one row (b, c). */
export function preluGradient(
  begin: i32, end: i32, scratch: usize,
  x: usize, slope: usize, slopeStep: i32, dy: usize, dx: usize, partial: usize, channels: i32, inner: i32,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let row = begin; row < end; row++) {
    const s = v128.load32_splat(slope + floats((row % channels) * slopeStep));
    const at = floats(row) * <usize>inner;
    let from = x + at;
    let gradient = dy + at;
    let to = dx + at;
    let total: f64 = 0;
    let a = zero;
    let b = zero;
    let run: i32 = 0;
    let left = inner;
    for (; left >= 8; left -= 8, from += 32, gradient += 32, to += 32) {
      const v = v128.load(from);
      const w = v128.load(from, 16);
      const g = v128.load(gradient);
      const h = v128.load(gradient, 16);
      v128.store(to, f32x4.mul(g, v128.bitselect(one, s, f32x4.gt(v, zero))));
      v128.store(to, f32x4.mul(h, v128.bitselect(one, s, f32x4.gt(w, zero))), 16);
      a = f32x4.add(a, f32x4.mul(g, f32x4.pmin(v, zero)));
      b = f32x4.add(b, f32x4.mul(h, f32x4.pmin(w, zero)));
      run += 8;
      if (run == RUN) {
        total += lanes(f32x4.add(a, b));
        a = b = zero;
        run = 0;
      }
    }
    for (; left > 0; left--, from += 4, gradient += 4, to += 4) {
      const v = load<f32>(from);
      const g = load<f32>(gradient);
      store<f32>(to, v > 0 ? g : g * f32x4.extract_lane(s, 0));
      total += v > 0 ? 0 : <f64>v * <f64>g;
    }
    store<f64>(partial + ((<usize>row) << 3), total + lanes(f32x4.add(a, b)));
  }
}

/** y[c] = Σ over b of partial[b, c], in order. Item: one channel. */
export function sumChannels(
  begin: i32, end: i32, scratch: usize, partial: usize, y: usize, batch: i32, channels: i32,
): void {
  for (let channel = begin; channel < end; channel++) {
    let total: f64 = 0;
    for (let image = 0; image < batch; image++) total += load<f64>(partial + ((<usize>(image * channels + channel)) << 3));
    store<f32>(y + floats(channel), <f32>total);
  }
}
