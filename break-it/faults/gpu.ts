/** Faults in the GPU engine: its kernels, the queue of its calls, its tables of rows. All are caught without a GPU. */
import type { Fault } from "../fault.js";

const engine = "src/tensor/engines/gpu";

export const gpuFaults: readonly Fault[] = [
  {
    name: "leave GPU.js its own limit on the turns of a loop, beyond which it stops without a word",
    file: `${engine}/gpuJs.ts`,
    find: "loopMaxIterations: MOST_ITERATIONS,",
    replace: "loopMaxIterations: 1000,",
    caughtBy: "gpu/wholeNumbers",
  },
  {
    name: "let a kernel's next result overwrite its last one",
    file: `${engine}/gpuJs.ts`,
    find: "immutable: true,",
    replace: "immutable: false,",
    caughtBy: "gpu/queue",
  },
  {
    name: "make an address of a row number in float32, which has no odd numbers beyond 2^24",
    file: `${engine}/movement.ts`,
    find: "x[integer(index[this.thread.y]) * columns + this.thread.x]",
    replace: "x[index[this.thread.y] * columns + this.thread.x]",
    caughtBy: "gpu/addresses",
  },
  {
    name: "take a quotient of whole numbers for exact after one correction, which is divided as badly",
    file: `${engine}/integers.ts`,
    find: "return settled(a, b, refined(a, b, nearQuotient(a, b)));",
    replace: "return refined(a, b, nearQuotient(a, b));",
    caughtBy: "gpu/addresses",
  },
  {
    name: "forget the planes of a grid that is flattened: rows are counted on from one to the next",
    file: `${engine}/flattened.ts`,
    find: "y: `${remainder.name}(${quotient.name}(this.thread.x, gridWidth), gridHeight)`,",
    replace: "y: `${quotient.name}(this.thread.x, gridWidth)`,",
    caughtBy: "gpu/addresses",
  },
  {
    name: "drop the last elements of a long reduction, which fill no whole step",
    file: `${engine}/reductions.ts`,
    find: "const scalars = [length, width, Math.ceil(length / width)];",
    replace: "const scalars = [length, width, Math.floor(length / width)];",
    caughtBy: "gpu/wholeNumbers",
  },
  {
    name: "compute four products a cell where the columns are not whole fours",
    file: `${engine}/products.ts`,
    find: `columns % 4 === 0;
  const grid = [fours ? columns / 4 : columns,`,
    replace: `columns > 4;
  const grid = [fours ? Math.ceil(columns / 4) : columns,`,
    caughtBy: "gpu/wholeNumbers",
  },
  {
    name: "end the padded image a row and a column early where windows lie two pixels apart",
    file: `${engine}/convolution.ts`,
    find: "(pixels[axis] - 1) * geometry.stride[axis] + spanOf(geometry, axis),",
    replace:
      "(pixels[axis] - 1) * geometry.stride[axis] + spanOf(geometry, axis) - (geometry.stride[axis] === 2 ? 1 : 0),",
    caughtBy: "gpu/wholeNumbers",
  },
  {
    name: "leave the last images out of a gradient of weights when they fill no part",
    file: `${engine}/convolution.ts`,
    find: "const parts = Math.ceil(images / together);",
    replace: "const parts = Math.floor(images / together);",
    caughtBy: "gpu/wholeNumbers",
  },
  {
    name: "give 0 to the power of 0 as 0",
    file: `${engine}/functions.ts`,
    find: "if (b === 0) return 1;",
    replace: "if (b === 0) return a;",
    caughtBy: "gpu/wholeNumbers",
  },
  {
    name: "compute a variance in one pass: the mean of the squares without the square of the mean",
    file: `${engine}/channelSums.ts`,
    find: "[`const deviation = x[${PIXEL}] - mean[${CHANNEL}];`, `sum += deviation * deviation;`],",
    replace: "[`sum += x[${PIXEL}] * x[${PIXEL}] - mean[${CHANNEL}] * mean[${CHANNEL}];`],",
    caughtBy: "operations/gpuParity",
  },
  {
    name: "take a step of Nesterov's, or any with momentum, before its velocity is known",
    file: `${engine}/updates.ts`,
    find: `  replace(context, velocity, velocityKernel, [value, gradient, velocity], [momentum, decay]);
  if (nesterov) replace(context, value, nesterovStepKernel, [value, gradient, velocity], [rate, momentum, decay]);
  else replace(context, value, momentumStepKernel, [value, velocity], [rate]);`,
    replace: `  if (nesterov) replace(context, value, nesterovStepKernel, [value, gradient, velocity], [rate, momentum, decay]);
  else replace(context, value, momentumStepKernel, [value, velocity], [rate]);
  replace(context, velocity, velocityKernel, [value, gradient, velocity], [momentum, decay]);`,
    caughtBy: "gpu/updates",
  },
  {
    name: "give up a tensor's cells before those are taken that it shall have, which may be the same",
    file: `${engine}/deferred.ts`,
    find: `      this.own(storage, cells); // first, for they may be the same
      if (before) this.giveUp(before);`,
    replace: `      if (before) this.giveUp(before);
      this.own(storage, cells);`,
    caughtBy: "gpu/queue",
  },
  {
    name: "keep the array of whoever makes a tensor, who may change it before the queue comes to it",
    file: `${engine}/gpuEngine.ts`,
    find: 'return this.deferred.tensor("tensor", shape, [], () => this.deferred.upload(values));',
    replace: 'return this.deferred.tensor("tensor", shape, [], () => this.deferred.upload(new Float32Array(data)));',
    caughtBy: "gpu/queue",
  },
  {
    name: "forget a failure on which no result hangs that is read",
    file: `${engine}/deferred.ts`,
    find: "this.queue.fail(result.failure);",
    replace: "",
    caughtBy: "gpu/queue",
  },
  {
    name: "compute from a result that has failed",
    file: `${engine}/deferred.ts`,
    find: "const failure = sources.find((source) => source.failure)?.failure;",
    replace: "const failure = undefined as Error | undefined;",
    caughtBy: "gpu/queue",
  },
  {
    name: "let a caller who never awaits pile up work for ever",
    file: `${engine}/queue.ts`,
    find: "if (waiting + operations <= this.most) return;",
    replace: "if (waiting >= 0) return;",
    caughtBy: "gpu/queue",
  },
  {
    name: "keep the first of the values that are written to one row",
    file: `${engine}/residentRowStore.ts`,
    find: "if (row >= 0) inverse[row] = position;",
    replace: "if (row >= 0 && inverse[row] < 0) inverse[row] = position;",
    caughtBy: "gpu/rowStores",
  },
  {
    name: "look for a chunk's rows from the second one on",
    file: `${engine}/residentRowStore.ts`,
    find: "row >= first && row < first + rows ? row - first : -1",
    replace: "row > first && row < first + rows ? row - first : -1",
    caughtBy: "gpu/rowStores",
  },
  {
    name: "copy streamed rows when they are asked for, not when what was written before has arrived",
    file: `${engine}/streamedRowStore.ts`,
    find: "const copy = this.copyLater(index);",
    replace: "const now = this.copyLater(index)();\n    const copy = (): Float32Array => now;",
    caughtBy: "gpu/rowStores",
  },
  {
    name: "read the numbers of a training step one by one, each waiting for the device",
    file: "src/training/trainingStep.ts",
    find: `  const values = await joined.data();
  let end = 0;
  return sizes.map((size) => values.subarray(end, (end += size)));`,
    replace: `  const values: FloatArray[] = [];
  let end = 0;
  for (const size of sizes) {
    using one = engine.slice(joined, 0, end, (end += size));
    values.push(await one.data());
  }
  return values;`,
    caughtBy: "gpu/reads",
  },
];
