/** The heads that are compared: MadaCos beside a grid of fixed scales and margins, and two others that set something themselves. */
import { overlay, type Configuration, type PartialConfiguration } from "../../src/training/configuration.js";

export const SCALES = [10, 30, 64, 128] as const;
/** ArcFace's in radians, CosFace's in cosines. */
const FIXED = [
  { kind: "arcface", name: "ArcFace", margin: 0.15, rates: [0.15, 0.45, 0.05, 0.05] },
  { kind: "arcface", name: "ArcFace", margin: 0.5, rates: [0.45, 0.15, 0.15, 0.45] },
  { kind: "cosface", name: "CosFace", margin: 0.35, rates: [0.45, 0.05, 0.05, 0.05] },
] as const;

export interface Head {
  readonly name: string;
  /** Of a head with a fixed scale and margin: a cell of the grid. */
  readonly fixed?: { readonly scale: number; readonly margin: number; readonly kind: string };
  readonly settings: PartialConfiguration;
  /** The best of `RATES` on held-out classes. */
  readonly rate: number;
}

type Constants = Partial<Configuration["head"]["margin"]["madacos"]>;

const named = ({ alpha = 0.02, kappa = 9_999_999, minScale = 32 }: Constants): string =>
  `MadaCos, α = ${alpha}, κ = ${kappa}, s ≥ ${minScale}`;

const madaCosWith = (constants: Constants, rate: number): Head => ({
  ...{ name: named(constants), rate },
  settings: { head: { margin: { kind: "madacos", madacos: constants } } },
});

/** With the constants of the paper. */
export const MADACOS: Head = { name: "MadaCos", rate: 0.15, settings: { head: { margin: { kind: "madacos" } } } };

/** With those that held-out classes chose. */
export const MADACOS_CHOSEN: Head = madaCosWith({ alpha: 0.1, kappa: 999, minScale: 8 }, 0.45);

/** What they were chosen among, beside the paper's. */
export const MADACOS_TRIALS: readonly Head[] = [
  { minScale: 8 },
  { alpha: 0.1 },
  { alpha: 0.1, minScale: 8 },
  { kappa: 999, minScale: 8 },
].map((constants) => madaCosWith(constants, 0.05));

export const HEADS: readonly Head[] = [
  MADACOS,
  MADACOS_CHOSEN,
  ...FIXED.flatMap(({ kind, name, margin, rates }) =>
    SCALES.map((scale, i) => ({
      name: `${name}, s = ${scale}, m = ${margin}`,
      rate: rates[i],
      fixed: { kind: name, scale, margin },
      settings: { head: { margin: { kind, scale, margin } } },
    })),
  ),
  { name: "AdaCos", rate: 0.05, settings: { head: { margin: { kind: "adacos" } } } },
  {
    name: "curricular, s = 128, m = 0.15",
    rate: 0.05,
    settings: { head: { path: "formula", margin: { kind: "curricular", scale: 128, margin: 0.15 } } },
  },
];

/** Learning rates that were tried of every head. */
export const RATES = [0.05, 0.15, 0.45] as const;

/** Of emoji a row of the grid, at the rates that were found on Omniglot. */
export const EMOJI_HEADS: readonly Head[] = HEADS.filter(
  ({ fixed }) => fixed?.kind === "ArcFace" && fixed.margin === 0.15 && fixed.scale > 10,
);

/** Settings of a head, its learning rate or another one, over those of a data set. */
export function withHead(base: PartialConfiguration, { settings, rate: own }: Head, rate = own): PartialConfiguration {
  return overlay(overlay(base, settings), { optimizer: { rate } } satisfies PartialConfiguration);
}
