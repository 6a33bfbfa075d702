import { describe, it } from "node:test";
import assert from "node:assert/strict";
import * as ag from "../../../src/autograd/index.js";
import { constant, type Variable } from "../../../src/autograd/index.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");
const of = (...shape: number[]): Variable => constant(engine.full(shape, 1));

/** Calls that do not fit, and what their message must say. */
const mistakes: [string, () => unknown, RegExp][] = [
  ["add", () => ag.add(of(2, 3), of(2)), /add: shapes \[2, 3\] and \[2\] do not broadcast.* 3 and 2 elements/],
  ["select", () => ag.select(engine.full([2], 1), of(3), of(3)), /select: shapes \[2\] and \[3\] do not broadcast/],
  ["clamp", () => ag.clamp(of(1), 2, 1), /clamp: low must not exceed high; given low 2 and high 1/],
  ["reshape", () => ag.reshape(of(2, 3), [4, 2]), /reshape: 6 elements cannot be arranged as \[4, 2\]/],
  ["permute", () => ag.permute(of(2, 3), [0, 0]), /permute: each axis 0 … 1 must be named once; given \[0, 0\]/],
  ["slice", () => ag.slice(of(2, 3), 1, 2, 4), /slice: .* axis 1 of \[2, 3\], start 2, end 4/],
  ["slice", () => ag.slice(of(4), 0, 0.5, 2), /slice: .* in whole numbers, .* axis 0 of \[4\], start 0.5, end 2/],
  ["concatenate", () => ag.concatenate([of(2, 3), of(2, 2)], 0), /all axes but axis 0 .* given \[2, 3\], \[2, 2\]/],
  ["concatenate nothing", () => ag.concatenate([], 0), /concatenate: needs at least one part/],
  ["broadcastTo", () => ag.broadcastTo(of(2, 3), [2, 1]), /only axes of extent 1 stretch; given \[2, 3\] for \[2, 1\]/],
  ["sum", () => ag.sum(of(2, 3), [2]), /sum: axis 2 is outside a tensor of rank 2/],
  ["maximumOver", () => ag.maximumOver(of(0, 3), [0]), /maximumOver: no elements to choose from; given \[0, 3\]/],
  ["softmax", () => ag.softmax(of()), /softmax: works along the last axis, which must have elements; given \[\]/],
  [
    "gatherRows",
    () => ag.gatherRows(of(3, 2), Int32Array.of(0, 3)),
    /must lie in \[0, 3\); number 1 of the index is 3/,
  ],
  [
    "gatherRows",
    () => ag.gatherRows(of(3), Int32Array.of(0)),
    /gatherRows: works on the rows of a matrix; given \[3\]/,
  ],
  [
    "scatterAddRows",
    () => ag.scatterAddRows(of(3, 2), Int32Array.of(0), 5),
    /one index for each of the 3 rows; given 1/,
  ],
  ["pick", () => ag.pick(of(2, 3), Int32Array.of(-2, 0)), /\[0, 3\), or be −1 for none; the column of row 0 is -2/],
  ["place", () => ag.place(of(2, 3), Int32Array.of(0, 0), 3), /place: takes one value a row, a vector; given \[2, 3\]/],
  ["matmul", () => ag.matmul(of(2, 3), of(4, 2)), /inner extents 3 and 4 must be equal/],
  ["linear", () => ag.linear(of(2, 3), of(5, 4), of(5)), /input \(3\) .* given \[2, 3\], weight \[5, 4\], bias \[5\]/],
  ["batchNorm", () => batchNorm(of(1, 3)), /training needs more than one value per channel.* given 1 in \[1, 3\]/],
  [
    "batchNorm",
    () => batchNorm(of(2, 4)),
    /batchNorm: takes \[B, C, …\] and one number for each .* given \[2, 4\] with \[3\]/,
  ],
  [
    "layerNorm",
    () => ag.layerNorm(of(2, 4), of(3), of(4)),
    /extent of the last axis; given \[2, 4\] with \[3\] and \[4\]/,
  ],
  ["prelu", () => ag.prelu(of(2, 4), of(3)), /one slope for each of the C channels.* given \[2, 4\] with \[3\]/],
  ["dropout", () => ag.dropout(of(2), 1, [0, 0]), /dropout: the rate must lie in \[0, 1\); given 1/],
  [
    "maxPool2d",
    () => ag.maxPool2d(of(1, 1, 4, 4), { kernel: 2, padding: 2 }),
    /padding must be at most half of the kernel/,
  ],
  ["averagePool2d", () => ag.averagePool2d(of(4, 4), { kernel: 2 }), /the input must be \[B, C, H, W\]/],
  ["crossEntropy", () => ag.crossEntropy(of(2, 3), Int32Array.of(0)), /one label a row; given \[2, 3\] and 1 labels/],
  ["crossEntropy", () => ag.crossEntropy(of(2, 3), Int32Array.of(0, 3)), /in \[0, 3\); the label of row 1 is 3/],
  ["smoothL1", () => ag.smoothL1(of(2), of(3)), /one shape; given \[2\] and \[3\]/],
];

function batchNorm(x: Variable): Variable {
  const running = { mean: engine.full([3], 0), variance: engine.full([3], 1) };
  return ag.batchNorm(x, of(3), of(3), { epsilon: 1e-5, momentum: 0.1, training: true, running });
}

describe("shapes that do not fit are refused with rule and values", () => {
  for (const [name, call, message] of mistakes) it(`${name}: ${message.source}`, () => assert.throws(call, message));

  it("conv2d says which direction is too short", () => {
    assert.throws(() => ag.conv2d(of(8, 3, 10, 10), of(16, 3, 7, 7), { padding: 1, dilation: 2 }), {
      message:
        "conv2d: kernel 7×7 with dilation 2 spans 13 pixels, but the padded input is 12 high.\n" +
        "        input [8, 3, 10, 10], kernel [16, 3, 7, 7], stride 1×1, padding 1×1, dilation 2×2, groups 1",
    });
  });

  for (const [rule, options, w] of [
    [/3 groups must divide both the 4 input and the 6 output channels/, { groups: 3 }, of(6, 1, 1, 1)],
    [/2 × 4 channels of the kernel must be the input's 4/, { groups: 2 }, of(6, 4, 1, 1)],
    [/stride and dilation must be whole numbers from 1.* stride 0×0/, { stride: 0 }, of(6, 4, 1, 1)],
    [/bias must be \[6\], one number for each output channel, and is \[4\]/, { bias: of(4) }, of(6, 4, 1, 1)],
  ] as const) {
    it(`conv2d: ${rule.source}`, () => assert.throws(() => ag.conv2d(of(1, 4, 5, 5), w, options), rule));
  }
});
