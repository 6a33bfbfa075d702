/**
 * A kernel whose grid has more cells along an axis than a device can start: the same function over one long row of cells, from whose
 * numbers it works out x, y and z.
 */
import type { Grid } from "./device.js";
import { WITH_QUOTIENT, quotient, remainder } from "./integers.js";
import type { Kernel } from "./kernel.js";

/** What is run for a kernel on a grid. */
export interface Launch {
  readonly program: Kernel;
  /** Cells along the axes. */
  readonly output: readonly number[];
  readonly scalars: readonly number[];
}

/** Of the cell `this.thread.x` of the row. */
const COORDINATES: Readonly<Record<string, string>> = {
  x: `${remainder.name}(this.thread.x, gridWidth)`,
  y: `${remainder.name}(${quotient.name}(this.thread.x, gridWidth), gridHeight)`,
  z: `${quotient.name}(this.thread.x, gridWidth * gridHeight)`,
};

/** The kernel on its grid where every axis `fits`, else flattened. */
export function launchWithin(
  fits: (output: readonly number[]) => boolean,
  kernel: Kernel,
  [x, y, z]: Grid,
  scalars: readonly number[],
): Launch {
  const output = [x, y, z].filter((extent) => extent !== undefined);
  if (output.length === 1 || fits(output)) return { program: kernel, output, scalars };
  return {
    program: flattened(kernel),
    output: [output.reduce((product, extent) => product * extent, 1)],
    scalars: [...scalars.slice(0, kernel.integers), x, y ?? 1, ...scalars.slice(kernel.integers)],
  };
}

/** Each kernel is flattened once: what is compiled is remembered by the kernel. */
const known = new WeakMap<Kernel, Kernel>();

function flattened(kernel: Kernel): Kernel {
  const flat = known.get(kernel) ?? flatten(kernel);
  known.set(kernel, flat);
  return flat;
}

/** Takes two more whole numbers than the kernel: cells along x and along y. */
export function flatten(kernel: Kernel): Kernel {
  const [head, parameters] = /^[^(]*\(([^)]*)\)/.exec(kernel.source) ?? ["", ""];
  const names = parameters.split(",").map((name) => name.trim());
  names.splice(kernel.arrays + kernel.integers, 0, "gridWidth", "gridHeight");
  const body = kernel.source
    .slice(head.length)
    .replace(/this\.thread\.([xyz])/g, (_, axis: string) => COORDINATES[axis]);
  const own = new Set(kernel.helpers);
  return {
    ...kernel,
    name: `${kernel.name}, flattened`,
    integers: kernel.integers + 2,
    helpers: [...kernel.helpers, ...WITH_QUOTIENT.filter((helper) => !own.has(helper))],
    source: `function flattened(${names.join(", ")}) ${body.trim()}`,
  };
}
