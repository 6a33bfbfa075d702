/**
 * Two operands, with broadcasting: axes are matched from the last, an axis of 1 stretches, and the derivative of a stretched
 * operand is summed over the stretch (`sumTo`).
 */
import type { BinaryName, Engine } from "../../tensor/engine.js";
import { broadcastShapes } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation, type OperationDefinition, type Sample, type SampleInput } from "../operation.js";
import { constant, type Variable } from "../variable.js";
import { awayFrom, between, distinct } from "./sampleValues.js";
import { sumTo } from "./sumTo.js";

interface Known {
  readonly engine: Engine;
  readonly a: Tensor;
  readonly b: Tensor;
  readonly y: Tensor;
}

/** dL/da and dL/db in the broadcast shape. */
type Rule = (dy: Tensor, known: Known) => Tensor;

const shapePairs = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[], [2, 2]],
  [[1], []],
  [
    [7, 5, 3],
    [1, 5, 1],
  ],
] as const;

function samplesOf(left: Partial<SampleInput>, right: Partial<SampleInput>): Sample<undefined>[] {
  return shapePairs.map(([a, b]) => ({
    inputs: [
      { shape: a, ...left },
      { shape: b, ...right },
    ],
    options: undefined,
  }));
}

type More = Pick<OperationDefinition<[Tensor, Tensor], undefined, undefined>, "linearIn" | "kinks">;

function binary(name: BinaryName, da: Rule, db: Rule, samples: readonly Sample<undefined>[], more: More = {}) {
  return operation<[Tensor, Tensor]>({
    name,
    signature: "a, b → broadcast(a, b)",
    check: ([a, b]) => void broadcastShapes(a.shape, b.shape, name),
    forward: (engine, [a, b]) => ({ y: engine.binary(name, a, b) }),
    backward(dy, { engine, inputs: [a, b], y, needs }) {
      const known = { engine, a, b, y };
      return [
        needs[0] ? sumTo(da(dy, known), a.shape) : undefined,
        needs[1] ? sumTo(db(dy, known), b.shape) : undefined,
      ];
    },
    samples,
    ...more,
  });
}

export const addOperation = binary(
  "add",
  (dy) => dy,
  (dy) => dy,
  samplesOf({}, {}),
  { linearIn: "all" },
);

/** a + b */
export function add(a: Variable, b: Variable): Variable {
  return addOperation([a, b], undefined);
}

export const subtractOperation = binary(
  "subtract",
  (dy) => dy,
  (dy, { engine }) => engine.unary("negate", dy),
  samplesOf({}, {}),
  { linearIn: "all" },
);

/** a − b */
export function subtract(a: Variable, b: Variable): Variable {
  return subtractOperation([a, b], undefined);
}

export const multiplyOperation = binary(
  "multiply",
  (dy, { engine, b }) => engine.binary("multiply", dy, b),
  (dy, { engine, a }) => engine.binary("multiply", dy, a),
  samplesOf({}, {}),
  { linearIn: "all" },
);

/** a · b, element by element */
export function multiply(a: Variable, b: Variable): Variable {
  return multiplyOperation([a, b], undefined);
}

export const divideOperation = binary(
  "divide",
  (dy, { engine, b }) => engine.binary("divide", dy, b),
  // d(a/b)/db = −a/b² = −y/b
  (dy, { engine, b, y }) => engine.unary("negate", engine.binary("multiply", dy, engine.binary("divide", y, b))),
  samplesOf({}, { values: awayFrom([0], 0.5) }),
  { linearIn: [0] },
);

/** a / b */
export function divide(a: Variable, b: Variable): Variable {
  return divideOperation([a, b], undefined);
}

/** 1 where the first operand is chosen, ½ where both are equal: neither side of a tie is preferred, as in PyTorch. */
function share(engine: Engine, chosen: Tensor, other: Tensor, sign: "maximum" | "minimum"): Tensor {
  const wins = sign === "maximum" ? engine.binary("greater", chosen, other) : engine.binary("greater", other, chosen);
  return engine.binary("add", wins, engine.affine(engine.binary("equal", chosen, other), 0.5, 0));
}

// left and right never tie: multiples of 0.4 (from 0 or 0.2) against numbers within 0.05 of 0.1
const untied = samplesOf({ values: distinct(0.4) }, { values: between(0.05, 0.15) });

export const maximumOperation = binary(
  "maximum",
  (dy, { engine, a, b }) => engine.binary("multiply", dy, share(engine, a, b, "maximum")),
  (dy, { engine, a, b }) => engine.binary("multiply", dy, share(engine, b, a, "maximum")),
  untied,
  { kinks: "equal elements: each side gets half" },
);

/** The larger of a and b; where they are equal each gets half of the gradient. */
export function maximum(a: Variable, b: Variable): Variable {
  return maximumOperation([a, b], undefined);
}

export const minimumOperation = binary(
  "minimum",
  (dy, { engine, a, b }) => engine.binary("multiply", dy, share(engine, a, b, "minimum")),
  (dy, { engine, a, b }) => engine.binary("multiply", dy, share(engine, b, a, "minimum")),
  untied,
  { kinks: "equal elements: each side gets half" },
);

/** The smaller of a and b; where they are equal each gets half of the gradient. */
export function minimum(a: Variable, b: Variable): Variable {
  return minimumOperation([a, b], undefined);
}

/** log a with 0 for a = 0, where aᵇ · log a goes to 0 for every b > 0. */
function logOrZero(engine: Engine, a: Tensor): Tensor {
  const positive = engine.binary("greater", a, engine.full([], 0));
  return engine.select(positive, engine.unary("log", a), engine.full(a.shape, 0));
}

export const powerOperation = binary(
  "power",
  // d(aᵇ)/da = b · aᵇ⁻¹
  (dy, { engine, a, b }) => {
    const slope = engine.binary("multiply", b, engine.binary("power", a, engine.affine(b, 1, -1)));
    return engine.binary("multiply", dy, slope);
  },
  // d(aᵇ)/db = aᵇ · log a
  (dy, { engine, a, y }) => engine.binary("multiply", dy, engine.binary("multiply", y, logOrZero(engine, a))),
  samplesOf({ values: between(0.3, 2) }, { values: between(0.5, 3) }),
);

/** aᵇ for a ≥ 0 */
export function power(a: Variable, b: Variable): Variable {
  return powerOperation([a, b], undefined);
}

export const selectOperation = operation<[Tensor, Tensor, Tensor]>({
  name: "select",
  signature: "condition, yes, no → broadcast(condition, yes, no)",
  check: ([condition, yes, no]) =>
    void broadcastShapes(broadcastShapes(condition.shape, yes.shape, "select"), no.shape, "select"),
  forward(engine, inputs) {
    const [condition, yes, no] = broadcastAll(engine, inputs);
    return { y: engine.select(condition, yes, no) };
  },
  // an element of dy belongs to the side it was taken from; the other side gets 0
  backward(dy, { engine, inputs: [condition, yes, no], needs }) {
    const chosen = engine.broadcastTo(condition, dy.shape);
    const zero = engine.full(dy.shape, 0);
    return [
      undefined,
      needs[1] ? sumTo(engine.select(chosen, dy, zero), yes.shape) : undefined,
      needs[2] ? sumTo(engine.select(chosen, zero, dy), no.shape) : undefined,
    ];
  },
  samples: [
    {
      inputs: [{ shape: [3, 2], values: flags }, { shape: [3, 2] }, { shape: [3, 2] }],
      options: undefined,
    },
    {
      inputs: [{ shape: [5, 1], values: flags }, { shape: [5, 3] }, { shape: [] }],
      options: undefined,
    },
  ],
  linearIn: [1, 2],
  withoutDerivative: [0],
});

function broadcastAll(engine: Engine, tensors: readonly Tensor[]): Tensor[] {
  const shape = tensors.reduce<readonly number[]>((sum, { shape }) => broadcastShapes(sum, shape, "select"), []);
  return tensors.map((tensor) => engine.broadcastTo(tensor, shape));
}

function flags(_random: unknown, size: number): number[] {
  return Array.from({ length: size }, (_, i) => (i % 3 === 0 ? 1 : 0));
}

/** `yes` where `condition` is not 0, else `no`, with broadcasting. The condition has no gradient. */
export function select(condition: Tensor, yes: Variable, no: Variable): Variable {
  return selectOperation([constant(condition), yes, no], undefined);
}
