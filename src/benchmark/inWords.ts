/** Numbers as they are read: three digits and a unit. */

/** "54.3 ms", "4.58 µs" */
export function time(seconds: number): string {
  if (seconds >= 1) return `${digits(seconds)} s`;
  if (seconds >= 1e-3) return `${digits(seconds * 1e3)} ms`;
  return `${digits(seconds * 1e6)} µs`;
}

/** Rate of a work: arithmetic in GFLOP/s where it counts operations, else GB/s; a dash where it counts neither. */
export function rate({ operations, bytes }: { operations?: number; bytes?: number }, seconds: number): string {
  if (operations !== undefined) return `${digits(operations / seconds / 1e9)} GFLOP/s`;
  if (bytes !== undefined) return `${digits(bytes / seconds / 1e9)} GB/s`;
  return "–";
}

/** "12.5 %" under 20, "54 %" above. */
export function percent(share: number): string {
  const hundredths = 100 * share;
  return `${hundredths.toFixed(hundredths < 20 ? 1 : 0)} %`;
}

/** Three significant digits, without an exponent: 0.0123, 1.23, 12.3, 123, 1234. */
export function digits(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const places = 2 - Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(6, Math.max(0, places)));
}

/** 1234567 → "1,234,567" */
export function count(value: number): string {
  return value.toLocaleString("en");
}
