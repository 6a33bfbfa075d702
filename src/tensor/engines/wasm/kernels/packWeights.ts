/** Weights of a convolution as the panels that its register tile walks along, in both directions. */
import { reaches } from "./taps";

/**
 * Weights [O, C/groups, KH, KW] as panels: target[group][panel of 8 n][tap][channel][8 n]. Items: groups × panels.
 *
 * Forward: n is the output channel and taps are in order. Backward: n is the input channel, and taps are sorted by phase,
 * within a phase backwards (so that the outputs they come from lie side by side). Scratch: a word for each tap.
 */
export function packWeights(
  begin: i32,
  end: i32,
  scratch: usize,
  weights: usize,
  target: usize,
  outputs: i32,
  inputs: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  ph: i32,
  pw: i32,
  dh: i32,
  dw: i32,
  backward: i32,
): void {
  const taps = kh * kw;
  if (backward) {
    let position = 0;
    for (let fy = 0; fy < sh; fy++) {
      for (let fx = 0; fx < sw; fx++) {
        for (let ky = kh - 1; ky >= 0; ky--) {
          if (!reaches(fy, ky, sh, ph, dh)) continue;
          for (let kx = kw - 1; kx >= 0; kx--) {
            if (!reaches(fx, kx, sw, pw, dw)) continue;
            store<i32>(scratch + ((<usize>(ky * kw + kx)) << 2), position++);
          }
        }
      }
    }
  } else {
    for (let tap = 0; tap < taps; tap++) store<i32>(scratch + ((<usize>tap) << 2), tap);
  }
  const columns = backward ? inputs : outputs; // n
  const channels = backward ? outputs : inputs;
  const strideN = (<usize>(backward ? taps : inputs * taps)) << 2;
  const strideChannel = (<usize>(backward ? inputs * taps : taps)) << 2;
  const panels = (columns + 7) >> 3;
  const panelBytes = (<usize>(taps * channels)) << 5;
  for (let item = begin; item < end; item++) {
    const group = <usize>(item / panels);
    const n0 = (item % panels) << 3;
    const to = target + <usize>item * panelBytes;
    const width = min(8, columns - n0);
    if (width < 8) memory.fill(to, 0, panelBytes);
    const from = weights + ((group * <usize>(outputs * inputs * taps)) << 2) + <usize>n0 * strideN;
    for (let tap = 0; tap < taps; tap++) {
      const position = load<i32>(scratch + ((<usize>tap) << 2));
      const s = from + ((<usize>tap) << 2);
      const t = to + ((<usize>(position * channels)) << 5);
      if (width == 8) gatherEights(s, strideN, strideChannel, channels, t);
      else {
        for (let channel: usize = 0; channel < <usize>channels; channel++) {
          for (let n: usize = 0; n < <usize>width; n++) {
            store<f32>(t + (channel << 5) + (n << 2), load<f32>(s + channel * strideChannel + n * strideN));
          }
        }
      }
    }
  }
}

/** target[i][8] = source[i][n] for 8 n that are `strideN` bytes apart; `count` i, `stride` apart. */
function gatherEights(source: usize, strideN: usize, stride: usize, count: i32, target: usize): void {
  const end = target + ((<usize>count) << 5);
  while (target < end) {
    const s2 = source + 2 * strideN;
    const s4 = s2 + 2 * strideN;
    const s6 = s4 + 2 * strideN;
    let v = v128.load32_zero(source);
    let w = v128.load32_zero(s4);
    v = v128.load32_lane(source + strideN, v, 1);
    w = v128.load32_lane(s4 + strideN, w, 1);
    v = v128.load32_lane(s2, v, 2);
    w = v128.load32_lane(s6, w, 2);
    v = v128.load32_lane(s2 + strideN, v, 3);
    w = v128.load32_lane(s6 + strideN, w, 3);
    v128.store(target, v);
    v128.store(target, w, 16);
    source += stride;
    target += 32;
  }
}
