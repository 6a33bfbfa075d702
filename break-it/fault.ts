/**
 * A planted fault: one small change of the sources that makes the mathematics, a format or a promise wrong.
 *
 * `find` is a piece of the file that occurs in it exactly once; it is replaced in a copy of the project, never in the working tree.
 */
export interface Fault {
  /** What is wrong, as one would say it: "forget to renumber the labels into the sample". */
  readonly name: string;
  /** Of the project, such as "src/pfc/sampleCenters.ts". */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The file of properties that must notice, below `property-tests`, without ending: "pfc/sampling". */
  readonly caughtBy: string;
}
