/**
 * Transposing blocks of 4 by 4 floats in registers: what turns rows into panels and channels into pixels.
 *
 * The shuffles are the ones V8 turns into one instruction each (unpack and shuffle of 32-bit or 64-bit halves).
 */

/** target_i[j] = source_j[i] for 4 source rows `from` bytes apart and 4 target rows `to` bytes apart. */
// @ts-ignore: decorator
@inline
export function transpose4x4(source: usize, from: usize, target: usize, to: usize): void {
  const second = source + from;
  const third = second + from;
  const r0 = v128.load(source);
  const r1 = v128.load(second);
  const r2 = v128.load(third);
  const r3 = v128.load(third + from);
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5); // r0[0] r1[0] r0[1] r1[1]
  const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7); // r0[2] r1[2] r0[3] r1[3]
  const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<f64>(t0, t1, 0, 2));
  target += to;
  v128.store(target, v128.shuffle<f64>(t0, t1, 1, 3));
  target += to;
  v128.store(target, v128.shuffle<f64>(t2, t3, 0, 2));
  target += to;
  v128.store(target, v128.shuffle<f64>(t2, t3, 1, 3));
}

/** The same for a block of `rows` by `columns`, read from `source` (rows, `from` bytes apart), written transposed. */
export function transposeBlock(source: usize, from: usize, target: usize, to: usize, rows: i32, columns: i32): void {
  const wholeRows = rows & ~3;
  const wholeColumns = columns & ~3;
  for (let row = 0; row < wholeRows; row += 4) {
    const s = source + <usize>row * from;
    const t = target + ((<usize>row) << 2);
    for (let column = 0; column < wholeColumns; column += 4) {
      transpose4x4(s + ((<usize>column) << 2), from, t + <usize>column * to, to);
    }
  }
  for (let row = 0; row < rows; row++) {
    const s = source + <usize>row * from;
    const t = target + ((<usize>row) << 2);
    for (let column = row < wholeRows ? wholeColumns : 0; column < columns; column++) {
      store<f32>(t + <usize>column * to, load<f32>(s + ((<usize>column) << 2)));
    }
  }
}
