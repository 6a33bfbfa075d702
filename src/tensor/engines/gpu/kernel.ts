/**
 * What a kernel is here: a JavaScript function that computes one cell of its result, compiled by GPU.js for a GPU, for WebAssembly
 * or for plain JavaScript.
 *
 * A kernel takes arrays first, then whole numbers, then other numbers. Arrays are flat: GPU.js' own indices of two and three axes mean
 * different cells in different modes. What an address is made of must be of GPU.js' type Integer, for in its type Number (float32)
 * whole numbers end at 2^24. Integer are thread numbers, whole-number arguments, loop counters, and sums and products of these; a local
 * variable only if it starts from a whole number and `++` stands somewhere for it. Another variable, or an element of an array, passes
 * through `integer` first, which costs a call wherever it stands.
 */

/** What `this` is inside a kernel: which cell it computes. */
export interface Thread {
  readonly thread: { readonly x: number; readonly y: number; readonly z: number };
}

/** A function that kernels may call, with the types of its arguments and result in GPU.js' words. */
export interface Helper {
  /** As its text calls it: after minification another one than in this file. */
  readonly name: string;
  readonly source: string;
  readonly settings: { readonly argumentTypes: readonly ScalarType[]; readonly returnType: ScalarType };
}

export type ScalarType = "Integer" | "Number";

/** Numbers of arguments of each kind, in the order in which the function takes them. */
export interface Arguments {
  readonly arrays: number;
  readonly integers?: number;
  readonly numbers?: number;
  readonly helpers?: readonly Helper[];
  /** It returns four cells that follow each other along x. */
  readonly fours?: boolean;
}

/** Of the eight storage buffers that every WebGPU device binds, one is the result. */
const MOST_ARRAYS = 7;

type KernelFunction = (this: Thread, ...args: never[]) => number | number[];

export interface Kernel extends Required<Arguments> {
  readonly name: string;
  readonly source: string;
}

/**
 * Declares a kernel. Its text is all that counts: it sees its arguments, `this.thread` and its helpers, and nothing of the file around it.
 *
 * @param body computes one cell; where it `fours`, four neighbours at once, returned as an array: for devices that can (`Device.fours`)
 */
export function kernel(name: string, takes: Arguments, body: KernelFunction): Kernel {
  return kernelOfText(name, takes, body.toString());
}

/** A kernel whose text is put together, where many differ in one formula. */
export function kernelOfText(name: string, takes: Arguments, source: string): Kernel {
  if (takes.arrays > MOST_ARRAYS) {
    throw new Error(
      `kernel ${name}: WebGPU binds at most ${MOST_ARRAYS} arrays beside the result; given ${takes.arrays}.`,
    );
  }
  return { integers: 0, numbers: 0, helpers: [], fours: false, ...takes, name, source };
}

/** Declares a function that kernels may call. Every kernel that does names it among its helpers, and so the helpers of its helpers. */
export function helper(
  body: (...args: never[]) => number,
  argumentTypes: readonly ScalarType[],
  returnType: ScalarType,
): Helper {
  return { name: body.name, source: body.toString(), settings: { argumentTypes, returnType } };
}
