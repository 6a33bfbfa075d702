/** Strided views with as few axes as possible. */
import type { Shape } from "./shape.js";

export interface Layout {
  readonly extents: number[];
  /** One list of strides for each operand. */
  readonly strides: number[][];
}

/** Drops axes of extent 1 and joins neighbours that every operand walks through in one go. At least one axis remains. */
export function collapse(shape: Shape, strides: readonly (readonly number[])[]): Layout {
  const extents: number[] = [];
  const joined: number[][] = strides.map(() => []);
  for (const [axis, extent] of shape.entries()) {
    if (extent === 1) continue;
    const joins =
      extents.length > 0 && strides.every((stride, operand) => joined[operand].at(-1) === stride[axis] * extent);
    if (joins) extents[extents.length - 1] *= extent;
    else extents.push(extent);
    for (const [operand, stride] of strides.entries()) {
      if (joins) joined[operand].pop();
      joined[operand].push(stride[axis]);
    }
  }
  if (extents.length === 0) {
    extents.push(1);
    for (const stride of joined) stride.push(1);
  }
  return { extents, strides: joined };
}

/** Extent and strides of every axis but the last, from the last to the first: the table that row kernels take. */
export function outerAxes({ extents, strides }: Layout): number[] {
  const table: number[] = [];
  for (let axis = extents.length - 2; axis >= 0; axis--) {
    table.push(extents[axis], ...strides.map((stride) => stride[axis]));
  }
  return table;
}
