/** What an optimizer updates: named parameters, and tables of which a step touches a few rows. */
import type { Variable } from "../autograd/variable.js";
import type { Shape } from "../tensor/shape.js";
import type { RowParameter } from "./rowParameter.js";

export interface NamedParameter {
  readonly name: string;
  readonly shape: Shape;
  readonly variable: Variable;
  /** false: stored with the others, never updated. */
  readonly trainable: boolean;
  /** false: exempt from weight decay. */
  readonly decay: boolean;
}

/** A module has `parameters`, a table of class centers `rowParameters`; a head may have both. */
export interface Trainable {
  parameters?(): readonly NamedParameter[];
  rowParameters?(): readonly RowParameter[];
}
