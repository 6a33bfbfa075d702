/** Shapes of row-major, contiguous arrays: sizes, strides and the broadcasting rule. */

export type Shape = readonly number[];

/** Number of elements; 1 for a scalar (`[]`). @throws Error if an extent is no whole number from 0. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const extent of shape) {
    if (!(extent >= 0 && Number.isInteger(extent))) {
      throw new Error(`shape: every extent is a whole number from 0; given ${formatShape(shape)}.`);
    }
    size *= extent;
  }
  return size;
}

/** Elements to step over for one step along each axis, row-major. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

/** `[2, 3]` as it is written in messages. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Equal rank and equal extents. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** The common shape of two operands: axes are matched from the last; an axis of 1 stretches. Throws where neither is 1. */
export function broadcastShapes(a: Shape, b: Shape, operation: string): number[] {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let axis = 1; axis <= rank; axis++) {
    const left = a.length >= axis ? a[a.length - axis] : 1;
    const right = b.length >= axis ? b[b.length - axis] : 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(
        `${operation}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: ` +
          `axis ${axis} from the end has ${left} and ${right} elements, and neither is 1.`,
      );
    }
    result[rank - axis] = left === 1 ? right : left;
  }
  return result;
}

/** Strides with which an operand of `shape` walks over `target`: 0 along every stretched axis. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const strides = stridesOf(shape);
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : strides[axis - lead]));
}

/** Resolves negative axes and checks range; returns them ascending and distinct. */
export function normalizeAxes(axes: readonly number[], rank: number, operation: string): number[] {
  const resolved = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  for (const [position, axis] of resolved.entries()) {
    if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
      throw new Error(`${operation}: axis ${axes[position]} is outside a tensor of rank ${rank}.`);
    }
  }
  return [...new Set(resolved)].sort((a, b) => a - b);
}

/** The shape with one axis given as -1 filled in, checked against the number of elements. */
export function resolveReshape(shape: Shape, size: number): number[] {
  const open = shape.indexOf(-1);
  const known = sizeOf(shape.filter((extent) => extent !== -1));
  const resolved = shape.map((extent, axis) => (axis === open ? size / known : extent));
  if (resolved.some((extent) => !Number.isInteger(extent) || extent < 0) || sizeOf(resolved) !== size) {
    throw new Error(`reshape: ${size} elements cannot be arranged as ${formatShape(shape)}.`);
  }
  return resolved;
}
