/**
 * NaN and infinities on the GPU engine: where float64 has a NaN or an infinity so has every mode, and where it has a number, one as near
 * as ever. A device is free to assume that there are none; the engine's formulas are such that the software GPU of these tests has no use of that.
 */
import assert from "node:assert/strict";
import { it } from "node:test";
import { constant, noGrad } from "../../../../src/autograd/index.js";
import { arcFace, PartialFC } from "../../../../src/pfc/index.js";
import type { BinaryName, Conv2dGeometry, Engine, ReductionName, UnaryName } from "../../../../src/tensor/engine.js";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { RoundoffEngine, WGSL } from "../../../../src/tensor/engines/roundoff/index.js";
import type { Shape } from "../../../../src/tensor/shape.js";
import type { Tensor } from "../../../../src/tensor/tensor.js";
import { inEveryMode } from "./inEveryMode.js";

const STRANGE = [NaN, Infinity, -Infinity];
const NUMBERS = [...STRANGE, 0, 1, -0.25, 0.5, 2, -3, 80, -80];

const exact = new ReferenceEngine("float64");
const roundoff = new RoundoffEngine(WGSL);

type Compute = (engine: Engine) => Tensor;

/** Beside float64 stored as float32, in which numbers too large are infinite. */
async function assertAsInFloat64(engine: Engine, compute: Compute): Promise<void> {
  using result = engine.scope(() => compute(engine));
  using expected = exact.scope(() => compute(exact));
  using bounded = roundoff.scope(() => compute(roundoff));
  const found = await result.data();
  const allowed = roundoff.errorOf(bounded);
  assert.equal(found.length, expected.size);
  for (const [i, value] of expected.dataSync().entries()) {
    if (Number.isFinite(Math.fround(value))) {
      const near = found[i] === value || Math.abs(found[i] - value) <= allowed[i]; // beside infinities a bound may be NaN
      assert.ok(near && Number.isFinite(found[i]), `${found[i]} in place of ${value} at ${i}`);
    } else {
      assert.equal(found[i], Math.fround(value), `at ${i}`);
    }
  }
}

/** Small whole numbers, with others at some places. */
function numbers(shape: Shape, strange: Readonly<Record<number, number>> = {}): (engine: Engine) => Tensor {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const values = Array.from({ length: count }, (_, i) => strange[i] ?? ((i * 7) % 5) - 2);
  return (engine) => engine.tensor(values, shape);
}

const UNARY = Object.keys(WGSL.unary) as UnaryName[];
const BINARY = Object.keys(WGSL.binary) as BinaryName[];
const REDUCTIONS: readonly ReductionName[] = ["sum", "mean", "maximum", "minimum"];

/** Every number beside every other. */
const LEFT = NUMBERS.flatMap((a) => NUMBERS.map(() => a));
const RIGHT = NUMBERS.flatMap(() => NUMBERS);

/** Long enough for two stages of a reduction. */
const LENGTH = 300;
const PLACES = [0, LENGTH / 2, LENGTH - 1];

/** A row with one strange number for each of these and each place, and one with all of them. */
const ROWS = [
  ...STRANGE.flatMap((value) => PLACES.map((place) => ({ [place]: value }))),
  { 3: NaN, 7: Infinity, 9: -Infinity },
];
const matrixOfRows = numbers(
  [ROWS.length, LENGTH],
  Object.assign({}, ...ROWS.map((row, i) => shifted(row, i * LENGTH))) as Record<number, number>,
);

function shifted(places: Readonly<Record<number, number>>, by: number): Record<number, number> {
  return Object.fromEntries(Object.entries(places).map(([place, value]) => [Number(place) + by, value]));
}

const geometry: Conv2dGeometry = { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };
const strided: Conv2dGeometry = { ...geometry, stride: [2, 2] };
const image = numbers([1, 2, 7, 7], { 10: NaN, 60: Infinity, 75: -Infinity });
const filters = numbers([3, 2, 3, 3]);
const window = { ...geometry, kernel: [2, 2], padding: [0, 0], stride: [2, 2] } as const;

const COMPUTATIONS: Readonly<Record<string, Compute>> = {
  "full of NaN": (e) => e.full([3], NaN),
  "full of infinity": (e) => e.full([3], -Infinity),
  affine: (e) => e.affine(e.tensor(NUMBERS, [NUMBERS.length]), 2, 1),
  "affine, nothing of it": (e) => e.affine(e.tensor(NUMBERS, [NUMBERS.length]), 0, 1),
  clamp: (e) => e.clamp(e.tensor(NUMBERS, [NUMBERS.length]), -1, 1),
  "clamp, one end open": (e) => e.clamp(e.tensor(NUMBERS, [NUMBERS.length]), 0, Infinity),
  "select, by a NaN": (e) =>
    e.select(e.tensor(LEFT, [LEFT.length]), e.full([LEFT.length], 1), e.full([LEFT.length], 2)),
  "select, of NaN": (e) =>
    e.select(numbers([LEFT.length])(e), e.tensor(LEFT, [LEFT.length]), e.tensor(RIGHT, [LEFT.length])),
  prelu: (e) => e.prelu(e.tensor(NUMBERS, [1, 1, NUMBERS.length]), e.tensor([0.25], [1])),
  "prelu, a rectifier": (e) => e.prelu(e.tensor(NUMBERS, [1, 1, NUMBERS.length]), e.tensor([0], [1])),
  "prelu, its gradient": (e) =>
    e.preluGradient(e.tensor(LEFT, [1, 1, LEFT.length]), e.tensor([0.25], [1]), e.tensor(RIGHT, [1, 1, LEFT.length]))
      .dx,
  "prelu, the slope's gradient": (e) =>
    e.preluGradient(numbers([2, 3, 4], { 5: NaN, 14: -Infinity })(e), e.tensor([1, 1, 1], [3]), e.full([2, 3, 4], 1))
      .dslope,
  softmaxRows: (e) => e.softmaxRows(matrixOfRows(e)),
  "softmaxRows, nothing but −∞": (e) => e.softmaxRows(e.full([1, 5], -Infinity)),
  normalizeRows: (e) => e.normalizeRows(matrixOfRows(e), 1e-12).y,
  "normalizeRows, norms": (e) => e.normalizeRows(matrixOfRows(e), 1e-12).norm,
  "normalizeRows, gradient": (e) =>
    e.normalizeRowsGradient(matrixOfRows(e), numbers([ROWS.length, LENGTH])(e), e.full([ROWS.length], 3), 1e-12),
  matmul: (e) =>
    e.matmul(numbers([5, 6], { 7: NaN, 14: Infinity, 25: -Infinity })(e), numbers([6, 8])(e), false, false),
  "matmul, from the right": (e) =>
    e.matmul(numbers([5, 6])(e), numbers([7, 6], { 7: NaN, 14: Infinity, 25: -Infinity })(e), false, true),
  conv2d: (e) => e.conv2d(image(e), filters(e), geometry),
  "conv2d, strided": (e) => e.conv2d(image(e), filters(e), strided),
  "conv2d, its weights": (e) =>
    e.conv2d(numbers([1, 2, 7, 7])(e), numbers([3, 2, 3, 3], { 4: NaN, 22: Infinity })(e), geometry),
  "conv2d, gradient of the input": (e) =>
    e.conv2dInputGradient(numbers([1, 3, 7, 7], { 20: NaN, 70: Infinity })(e), filters(e), geometry, [1, 2, 7, 7]),
  "conv2d, gradient of the weights": (e) =>
    e.conv2dWeightGradient(image(e), numbers([1, 3, 7, 7])(e), geometry, [3, 2, 3, 3]),
  "maximum pooling": (e) =>
    e.maxPool2d(numbers([1, 1, 6, 6], { 0: NaN, 9: NaN, 16: -Infinity, 28: Infinity })(e), window),
  "maximum pooling, gradient": (e) =>
    e.maxPool2dGradient(
      numbers([1, 1, 6, 6], { 0: NaN, 9: NaN, 16: -Infinity, 28: Infinity })(e),
      numbers([1, 1, 3, 3])(e),
      window,
    ),
  "average pooling": (e) => e.averagePool2d(numbers([1, 1, 6, 6], { 0: NaN, 16: -Infinity, 28: Infinity })(e), window),
  "batch norm": (e) => e.batchNorm(numbers([3, 2, 5], { 12: NaN })(e), e.full([2], 2), e.full([2], 1), 1e-5).y,
  "layer norm": (e) => e.layerNorm(numbers([3, 5], { 7: NaN })(e), e.full([5], 2), e.full([5], 1), 1e-5).y,
};

inEveryMode("NaN and infinities", (engine) => {
  for (const name of UNARY) {
    it(name, () => assertAsInFloat64(engine(), (e) => e.unary(name, e.tensor(NUMBERS, [NUMBERS.length]))));
  }
  for (const name of BINARY) {
    const left = name === "power" ? LEFT.map(Math.abs) : LEFT;
    it(name, () =>
      assertAsInFloat64(engine(), (e) => e.binary(name, e.tensor(left, [left.length]), e.tensor(RIGHT, [left.length]))),
    );
    it(`${name}, broadcast`, () => {
      const row = name === "power" ? NUMBERS.map(Math.abs) : NUMBERS;
      return assertAsInFloat64(engine(), (e) =>
        e.binary(name, e.tensor(row, [row.length, 1]), e.tensor(NUMBERS, [1, row.length])),
      );
    });
  }
  for (const name of REDUCTIONS) {
    it(`${name} of rows`, () => assertAsInFloat64(engine(), (e) => e.reduce(name, matrixOfRows(e), [1], false)));
    it(`${name} of columns`, () => assertAsInFloat64(engine(), (e) => e.reduce(name, matrixOfRows(e), [0], false)));
  }
  for (const [name, compute] of Object.entries(COMPUTATIONS)) {
    it(name, () => assertAsInFloat64(engine(), compute));
  }

  for (const path of ["formula", "fused"] as const) {
    for (const where of ["an embedding", "a center"] as const) {
      it(`Partial FC has no loss where ${where} is no number, on the ${path} path`, async () => {
        const head = new PartialFC(engine(), { classes: 6, embedding: 4, ratio: 1, margin: arcFace(), path, seed: 1 });
        using row = numbers([1, 4], { 2: NaN })(engine());
        using batch = numbers([3, 4], where === "an embedding" ? { 6: NaN } : {})(engine());
        if (where === "a center") head.centers.store.write(Int32Array.of(3), row);
        using loss = engine().scope(() => noGrad(() => head.loss(constant(batch), Int32Array.of(0, 5, 2), 0)).tensor);
        assert.ok(Number.isNaN(await loss.item()));
        head.dispose();
      });
    }
  }
});
