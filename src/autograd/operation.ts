/**
 * How an operation is declared: name, forward, backward, the saved values, and the samples its tests use.
 *
 * One declaration drives the tests of parity between engines, the gradient checks and the documentation table; the list of all
 * is `src/operations.ts`. No tolerance is declared: `RoundoffEngine` derives it from forward and backward themselves. `customOp` is the same
 * function under the name readers look for.
 */
import type { Engine } from "../tensor/engine.js";
import type { Random } from "../tensor/random.js";
import type { Shape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { isRecording } from "./gradientMode.js";
import { Variable, type Node } from "./variable.js";

/** Values of one input of a sample; standard normal where `values` is left out. */
export interface SampleInput {
  readonly shape: Shape;
  readonly values?: (random: Random, size: number) => number[];
}

/** One call that tests make. */
export interface Sample<Options> {
  readonly inputs: readonly SampleInput[];
  readonly options: Options;
}

/** What a derivative rule may use. */
export interface BackwardContext<Inputs, Options, Saved> {
  readonly engine: Engine;
  readonly inputs: Inputs;
  readonly y: Tensor;
  readonly saved: Saved;
  readonly options: Options;
  /** Which inputs need a gradient: an expensive one may be left out (undefined) where it is false. */
  readonly needs: readonly boolean[];
}

export interface OperationDefinition<Inputs extends readonly Tensor[], Options, Saved> {
  readonly name: string;
  /** Shapes in and out, such as "[M, K] · [K, N] → [M, N]". */
  readonly signature: string;
  /** Throws the error that teaches when shapes or options do not fit. */
  readonly check?: (inputs: Inputs, options: Options) => void;
  /** Temporaries made on the way are released; `y` and the tensors in `saved` live on. `y` may be an input itself. */
  readonly forward: (engine: Engine, inputs: Inputs, options: Options) => { y: Tensor; saved?: Saved };
  /** dL/dinput for every input, from dy = dL/dy. May return `dy`, an input, `y` or a saved tensor itself. Temporaries are released. */
  readonly backward: (dy: Tensor, context: BackwardContext<Inputs, Options, Saved>) => readonly (Tensor | undefined)[];
  readonly samples: readonly Sample<Options>[];
  /**
   * Inputs in which it is linear while the others stay as they are, up to a summand without them (a bias). Tests hold it to the adjoint identity
   * ⟨A x, y⟩ = ⟨x, Aᵀ y⟩.
   */
  readonly linearIn?: readonly number[] | "all";
  /** Inputs that have no derivative, such as a condition. */
  readonly withoutDerivative?: readonly number[];
  /** Where the derivative jumps, and what is taken for it there; in words, for the documentation. */
  readonly kinks?: string;
}

type VariablesFor<Inputs extends readonly Tensor[]> = { readonly [Position in keyof Inputs]: Variable };

/** An operation on variables, with its declaration for whoever drives tests or tables from it. */
export interface Operation<Inputs extends readonly Tensor[] = readonly Tensor[], Options = unknown> {
  (inputs: VariablesFor<Inputs>, options: Options): Variable;
  readonly definition: OperationDefinition<Inputs, Options, unknown>;
}

/** Makes an operation of its declaration. */
export function operation<Inputs extends readonly Tensor[], Options = undefined, Saved = undefined>(
  definition: OperationDefinition<Inputs, Options, Saved>,
): Operation<Inputs, Options> {
  const apply = (variables: VariablesFor<Inputs>, options: Options): Variable => {
    const inputs = variables.map((variable) => variable.tensor) as unknown as Inputs;
    const engine = commonEngine(definition.name, inputs);
    definition.check?.(inputs, options);
    const { y, saved } = engine.scope(() => {
      const result = definition.forward(engine, inputs, options);
      return { y: inputs.includes(result.y) ? result.y.share() : result.y, saved: result.saved };
    });
    const needs = variables.map((variable) => variable.requiresGrad);
    if (!isRecording() || !needs.includes(true)) {
      disposeSaved(saved, inputs, y);
      return new Variable(y, false);
    }
    const node: Node = {
      name: definition.name,
      inputs: variables,
      backward: (dy) => {
        const gradients = definition.backward(dy, { engine, inputs, y, saved: saved as Saved, options, needs });
        const owned = [...inputs, y, ...tensorsOf(saved)];
        return gradients.map((gradient) => (gradient && owned.includes(gradient) ? gradient.share() : gradient));
      },
      release: () => disposeSaved(saved, inputs, y),
      released: false,
    };
    return new Variable(y, true, node);
  };
  return Object.assign(apply, { definition }) as unknown as Operation<Inputs, Options>;
}

/** Adds an operation with a derivative of one's own, as PyTorch's `autograd.Function` does. */
export const customOp = operation;

function commonEngine(name: string, inputs: readonly Tensor[]): Engine {
  const [first, ...rest] = inputs;
  for (const input of inputs) input.assertLive(name);
  const stranger = rest.find((input) => input.engine !== first.engine);
  if (stranger) {
    throw new Error(`${name}: inputs are on different engines, "${first.engine.name}" and "${stranger.engine.name}".`);
  }
  return first.engine;
}

/** Saved tensors belong to the tape, unless they are the result or an input themselves. */
function disposeSaved(saved: unknown, inputs: readonly Tensor[], y: Tensor): void {
  for (const tensor of tensorsOf(saved)) if (tensor !== y && !inputs.includes(tensor)) tensor.dispose();
}

function tensorsOf(saved: unknown): Tensor[] {
  if (typeof saved !== "object" || saved === null) return [];
  return Object.values(saved).filter((value) => value instanceof Tensor);
}
