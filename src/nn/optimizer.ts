/**
 * What SGD and Adam share: groups, optimizer state, steps over parameters and over tables of rows, checkpoints.
 *
 * State starts at zero and is kept beyond any scope. A parameter without a gradient in a step is left alone, as is its state.
 * Everything is named after the parameter it belongs to, so that a checkpoint can be read without the code that made it.
 */
import type { RowStorage, RowStore } from "../tensor/rowStore.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { loadStateDictionary, type StoredValues } from "./loadStateDictionary.js";
import type { RowParameter } from "./rowParameter.js";
import type { NamedParameter, Trainable } from "./trainable.js";
import { updateRows, type RowRule, type SweepRule } from "./updateRows.js";

/** What a schedule gives for one step. `momentum` (Adam: beta1) replaces the optimizer's own. */
export interface StepSettings {
  readonly rate: number;
  readonly momentum?: number;
}

/** Parameters that are trained alike. */
export interface Group {
  readonly of: Trainable | readonly Trainable[];
  /** Put before the names of its parameters, where two modules have names in common. */
  readonly name?: string;
  /** Multiplies the rate of every step. */
  readonly rateFactor?: number;
  /** In place of the optimizer's decay. */
  readonly decay?: number;
}

export type Exemption = (parameter: { readonly name: string; readonly shape: Shape }) => boolean;

/** Biases, normalisation scales and slopes: everything of one axis. */
export const vectors: Exemption = ({ shape }) => shape.length <= 1;

export interface DecayOptions {
  /** 0 by default. */
  readonly decay?: number;
  /** Parameters without decay; none by default, as in the published trainings. Tables of rows always decay. */
  readonly exempt?: Exemption;
}

/** What one step does to one parameter. */
export interface UpdateSettings {
  readonly rate: number;
  readonly momentum: number | undefined;
  readonly decay: number;
  /** Updates of this parameter so far, this one included. */
  readonly count: number;
}

/** One tensor, or some rows of a table, in one step. */
export interface Update extends UpdateSettings {
  readonly value: Tensor;
  readonly gradient: Tensor;
  readonly state: readonly Tensor[];
  readonly table: boolean;
}

export interface OptimizerState {
  /** Updates so far, by parameter. */
  readonly updates: Readonly<Record<string, number>>;
  /** The state tensors themselves: "layer1.0.conv1.weight.velocity". */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** State of tables, of any size: read and load them in chunks. */
  readonly rows: ReadonlyMap<string, RowStore>;
}

interface Entry {
  readonly name: string;
  readonly rateFactor: number;
  readonly decay: number;
  count: number;
}

interface TensorEntry extends Entry {
  readonly parameter: NamedParameter;
  readonly state: readonly Tensor[];
}

interface TableEntry extends Entry {
  readonly table: RowParameter;
  /** Made by the first step: a table may be as large as the class centers themselves. */
  state: readonly RowStore[] | undefined;
}

/** Updates what it was given: `backward`, then `step`, then `zeroGrad`. Owns its state until `dispose`. */
export abstract class Optimizer {
  private readonly tensors: TensorEntry[] = [];
  private readonly tables: TableEntry[] = [];

  /** `slots`: names of the state that every parameter has. `tableStorage`: how that of tables is kept, as the table unless told. */
  protected constructor(
    of: Trainable | readonly (Trainable | Group)[],
    { decay = 0, exempt = () => false }: DecayOptions,
    private readonly slots: readonly string[],
    private readonly tableStorage?: RowStorage,
  ) {
    const groups = (isList(of) ? of : [of]).map((part): Group => ("of" in part ? part : { of: part }));
    for (const group of groups) {
      const named = (name: string): string => (group.name === undefined ? name : `${group.name}.${name}`);
      const rateFactor = group.rateFactor ?? 1;
      const groupDecay = group.decay ?? decay;
      if (!(rateFactor >= 0 && groupDecay >= 0 && rateFactor * groupDecay < Infinity)) {
        throw new Error(
          `optimizer: decay and rate factor are finite numbers, not negative; given ${groupDecay} and ${rateFactor}.`,
        );
      }
      for (const part of isList(group.of) ? group.of : [group.of]) {
        for (const parameter of part.parameters?.() ?? []) {
          if (!parameter.trainable) continue;
          const { engine } = parameter.variable.tensor;
          this.tensors.push({
            name: named(parameter.name),
            rateFactor,
            decay: parameter.decay && !exempt(parameter) ? groupDecay : 0,
            count: 0,
            parameter,
            state: slots.map(() => engine.keep(engine.full(parameter.shape, 0))),
          });
        }
        for (const table of part.rowParameters?.() ?? []) {
          this.tables.push({
            name: named(table.name),
            rateFactor,
            decay: groupDecay,
            count: 0,
            table,
            state: undefined,
          });
        }
      }
    }
    assertDistinct(this.entries().map(({ name }) => name));
  }

  protected abstract apply(update: Update): void;

  /** The same update for rows that were swept, where the engine has it in one go with their gradient. */
  protected sweepRule?(settings: UpdateSettings): SweepRule;

  /** Updates every parameter that has a gradient. Gradients stay until `zeroGrad`, but for those of swept rows, which end with the update. */
  step({ rate, momentum }: StepSettings): void {
    if (!(rate >= 0 && rate < Infinity)) {
      throw new Error(`optimizer: the learning rate must be a finite number, not negative; given ${rate}.`);
    }
    for (const entry of this.tensors) {
      const { tensor: value, grad: gradient } = entry.parameter.variable;
      if (gradient === undefined) continue;
      entry.count++;
      // written out: a spread in front of further fields costs V8 seven microseconds, as long as the update of a small parameter
      const { rateFactor, decay, count, state } = entry;
      this.apply({ rate: rate * rateFactor, decay, count, momentum, value, gradient, state, table: false });
    }
    for (const entry of this.tables) {
      const settings = settingsOf({ ...entry, count: entry.count + 1 }, rate);
      const rule: RowRule = (value, gradient, state) => {
        this.apply({ ...settings, momentum, value, gradient, state, table: true });
      };
      const sweepRule = this.sweepRule?.({ ...settings, momentum });
      const updated = updateRows(entry.table, this.stateOf(entry), rule, { sweepRule });
      if (updated) entry.count++;
    }
  }

  /** Releases all gradients and forgets gathered rows. */
  zeroGrad(): void {
    for (const { parameter } of this.tensors) parameter.variable.zeroGrad();
    for (const { table } of this.tables) table.clear();
  }

  /** Handles on everything that the next steps depend on, for a checkpoint. */
  state(): OptimizerState {
    const pairs = <Held>(entry: Entry, held: readonly Held[]): [string, Held][] =>
      held.map((item, position) => [`${entry.name}.${this.slots[position]}`, item]);
    return {
      updates: Object.fromEntries(this.entries().map(({ name, count }) => [name, count])),
      tensors: new Map(this.tensors.flatMap((entry) => pairs(entry, entry.state))),
      rows: new Map(this.tables.flatMap((entry) => pairs(entry, this.stateOf(entry)))),
    };
  }

  /** Overwrites update counts and state tensors; tables are loaded through `state().rows`. All names must agree. */
  loadState(stored: {
    readonly updates: Readonly<Record<string, number>>;
    readonly tensors: ReadonlyMap<string, StoredValues>;
  }): void {
    const without = this.entries().filter(({ name }) => !Number.isInteger(stored.updates[name]));
    if (without.length > 0) {
      throw new Error(`optimizer state: no number of updates for ${without.map(({ name }) => name).join(", ")}.`);
    }
    loadStateDictionary(this.state().tensors, stored.tensors);
    for (const entry of this.entries()) entry.count = stored.updates[entry.name];
  }

  dispose(): void {
    for (const { state } of this.tensors) for (const tensor of state) tensor.dispose();
    for (const { state } of this.tables) for (const table of state ?? []) table.dispose();
  }

  private entries(): readonly Entry[] {
    return [...this.tensors, ...this.tables];
  }

  private stateOf(entry: TableEntry): readonly RowStore[] {
    return (entry.state ??= this.slots.map(() => entry.table.store.beside(this.tableStorage)));
  }
}

function settingsOf({ rateFactor, decay, count }: Entry, rate: number): Pick<Update, "rate" | "decay" | "count"> {
  return { rate: rate * rateFactor, decay, count };
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function assertDistinct(names: readonly string[]): void {
  const repeated = names.find((name, position) => names.indexOf(name) !== position);
  if (repeated !== undefined) {
    throw new Error(
      `optimizer: two parameters are called "${repeated}"; give their groups names: [{ name: "first", of: module }, …].`,
    );
  }
}
