/**
 * The least time that a piece of work can take on this machine: the larger of operations over the arithmetic limit and bytes over the
 * bandwidth (the roofline model: Williams, Waterman and Patterson 2009). A fraction of 1 is a program that nothing can speed up.
 *
 * Limits are measured beside the work, on the same engine and threads. Bytes are those that must cross to memory if nothing is
 * cached; operands that fit into a cache can beat that bound, and a fraction above 1 says that they did.
 */

export interface MachineLimits {
  /** Floating-point operations a second, of a loop that lives in registers. */
  readonly operationsPerSecond: number;
  /** Bytes a second to and from memory. */
  readonly bytesPerSecond: number;
}

export interface Bound {
  readonly seconds: number;
  /** What takes the larger part: the arithmetic or the memory. */
  readonly by: "operations" | "bytes";
}

/** undefined for work that counts neither operations nor bytes. */
export function boundOf(
  { operations = 0, bytes = 0 }: { readonly operations?: number; readonly bytes?: number },
  { operationsPerSecond, bytesPerSecond }: MachineLimits,
): Bound | undefined {
  if (operations === 0 && bytes === 0) return undefined;
  const arithmetic = operations / operationsPerSecond;
  const memory = bytes / bytesPerSecond;
  return arithmetic >= memory ? { seconds: arithmetic, by: "operations" } : { seconds: memory, by: "bytes" };
}
