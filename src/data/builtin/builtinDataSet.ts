/** The built-in identities as a data set: training, validation and test identities from three ranges of numbers. */
import { DEFAULT_AUGMENTATION } from "../augmentation.js";
import type { DataSet, SplitOptions } from "../DataSet.js";
import type { ImageSet } from "../ImageSet.js";
import { rotateClasses } from "../rotateClasses.js";
import type { Severity } from "./appearance.js";
import { builtinIdentities } from "./builtinIdentities.js";

export interface BuiltinDataSetOptions extends SplitOptions {
  readonly seed?: number | string;
  /** Identities to train on, default 2,000. */
  readonly identities?: number;
  /** Samples of each identity, in all parts; default 12. */
  readonly samples?: number;
  /** Identities to test on, and to validate on with `holdOut`; default 500. */
  readonly testIdentities?: number;
  /** How bad pictures may be, in all ways alike or factor by factor; default 1. */
  readonly severity?: Severity;
}

/** Identities below are for training (2^28 at most), so a larger training part never runs into the others. */
const FIRST_VALIDATION_IDENTITY = 2 ** 28;
const FIRST_TEST_IDENTITY = 2 ** 29;

/** The test part does not depend on how many identities are trained on. */
export function builtinDataSet(options: BuiltinDataSetOptions = {}): DataSet {
  const { side = 28, holdOut = false, rotations = false, seed = 0, severity = 1 } = options;
  const { identities = 2000, samples = 12, testIdentities = 500 } = options;
  const part = (name: string, count: number, firstIdentity: number): ImageSet =>
    builtinIdentities({ name: `built-in ${name}`, identities: count, samples, side, seed, severity, firstIdentity });
  const train = part("train", identities, 0);
  return {
    name: "builtin",
    train: rotations ? rotateClasses(train) : train,
    ...(holdOut && { validation: part("validation", testIdentities, FIRST_VALIDATION_IDENTITY) }),
    test: part("test", testIdentities, FIRST_TEST_IDENTITY),
    augmentation: DEFAULT_AUGMENTATION.builtin,
  };
}
