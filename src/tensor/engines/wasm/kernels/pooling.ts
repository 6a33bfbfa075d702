/** Maximum and average pooling. Item: one plane (b, c) of [B, C, H, W]. */
import { floats } from "./common";

/** Position in the plane of the largest element of a window, the first of equal ones; −1 for a window of padding alone. */
// @ts-ignore: decorator
@inline
function largest(
  plane: usize, height: i32, width: i32, top: i32, left: i32, kh: i32, kw: i32, dh: i32, dw: i32,
): i32 {
  let best: f32 = -Infinity;
  let position: i32 = -1;
  for (let i = 0, y = top; i < kh; i++, y += dh) {
    if (<u32>y >= <u32>height) continue;
    for (let j = 0, x = left; j < kw; j++, x += dw) {
      if (<u32>x >= <u32>width) continue;
      const value = load<f32>(plane + floats(y * width + x));
      // without a branch, which random data would mispredict; a NaN wins and stays
      const wins = i32(value > best) | i32(position < 0) | (i32(value != value) & i32(best == best));
      best = select<f32>(value, best, wins);
      position = select<i32>(y * width + x, position, wins);
    }
  }
  return position;
}

export function maxPool2d(
  begin: i32, end: i32, scratch: usize, x: usize, y: usize, h: i32, w: i32, oh: i32, ow: i32,
  kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32,
): void {
  for (let item = begin; item < end; item++) {
    const from = x + floats(item) * <usize>(h * w);
    let to = y + floats(item) * <usize>(oh * ow);
    for (let i = 0; i < oh; i++) {
      for (let j = 0; j < ow; j++, to += 4) {
        let best: f32 = -Infinity;
        for (let ki = 0, row = i * sh - ph; ki < kh; ki++, row += dh) {
          if (<u32>row >= <u32>h) continue;
          for (let kj = 0, column = j * sw - pw; kj < kw; kj++, column += dw) {
            if (<u32>column >= <u32>w) continue;
            best = max<f32>(best, load<f32>(from + floats(row * w + column)));
          }
        }
        store<f32>(to, best);
      }
    }
  }
}

/** dx gets every dy at the place where the maximum was, found again. */
export function maxPool2dGradient(
  begin: i32, end: i32, scratch: usize, x: usize, dy: usize, dx: usize, h: i32, w: i32, oh: i32, ow: i32,
  kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32,
): void {
  for (let item = begin; item < end; item++) {
    const from = x + floats(item) * <usize>(h * w);
    const to = dx + floats(item) * <usize>(h * w);
    const gradient = dy + floats(item) * <usize>(oh * ow);
    memory.fill(to, 0, floats(h * w));
    for (let i = 0; i < oh; i++) {
      for (let j = 0; j < ow; j++) {
        const position = largest(from, h, w, i * sh - ph, j * sw - pw, kh, kw, dh, dw);
        if (position < 0) continue;
        const at = to + floats(position);
        store<f32>(at, load<f32>(at) + load<f32>(gradient + floats(i * ow + j)));
      }
    }
  }
}

export function averagePool2d(
  begin: i32, end: i32, scratch: usize, x: usize, y: usize, h: i32, w: i32, oh: i32, ow: i32,
  kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32,
): void {
  const scale = 1 / <f64>(kh * kw);
  for (let item = begin; item < end; item++) {
    const from = x + floats(item) * <usize>(h * w);
    const to = y + floats(item) * <usize>(oh * ow);
    for (let i = 0; i < oh; i++) {
      for (let j = 0; j < ow; j++) {
        let sum: f64 = 0;
        for (let ki = 0; ki < kh; ki++) {
          const row = i * sh - ph + ki * dh;
          if (row < 0 || row >= h) continue;
          for (let kj = 0; kj < kw; kj++) {
            const column = j * sw - pw + kj * dw;
            if (column < 0 || column >= w) continue;
            sum += <f64>load<f32>(from + floats(row * w + column));
          }
        }
        store<f32>(to + floats(i * ow + j), <f32>(sum * scale));
      }
    }
  }
}

export function averagePool2dGradient(
  begin: i32, end: i32, scratch: usize, dy: usize, dx: usize, h: i32, w: i32, oh: i32, ow: i32,
  kh: i32, kw: i32, sh: i32, sw: i32, ph: i32, pw: i32, dh: i32, dw: i32,
): void {
  const count = <f32>(kh * kw);
  for (let item = begin; item < end; item++) {
    const to = dx + floats(item) * <usize>(h * w);
    const gradient = dy + floats(item) * <usize>(oh * ow);
    memory.fill(to, 0, floats(h * w));
    for (let i = 0; i < oh; i++) {
      for (let j = 0; j < ow; j++) {
        const share = load<f32>(gradient + floats(i * ow + j)) / count;
        for (let ki = 0; ki < kh; ki++) {
          const row = i * sh - ph + ki * dh;
          if (row < 0 || row >= h) continue;
          for (let kj = 0; kj < kw; kj++) {
            const column = j * sw - pw + kj * dw;
            if (column < 0 || column >= w) continue;
            const at = to + floats(row * w + column);
            store<f32>(at, load<f32>(at) + share);
          }
        }
      }
    }
  }
}
