/** A set whose every image is spoilt once, in a known way: a view, images are degraded when they are read. */
import { stream } from "../tensor/random.js";
import { imageRandom } from "./augmentation.js";
import {
  checkDegradations,
  checkSeverity,
  DEGRADATIONS,
  degrade,
  drawDegradation,
  type Degradation,
  type DrawnDegradation,
} from "./degradation.js";
import type { ImageSet, Reading } from "./ImageSet.js";

export interface DegradedOptions {
  readonly seed: number | string;
  /** What may happen to an image, each equally likely; default: all. */
  readonly kinds?: readonly Degradation[];
  /** Of every image, in [0, 1]; default: drawn evenly, image by image. */
  readonly severity?: number;
}

/**
 * The images of `set`, each degraded: a pure function of (set, seed, index), whatever is read before. Column `degradation` is the index
 * into `DEGRADATIONS`, measure `degradationSeverity` its severity; of a set that is degraded already they tell of this one alone.
 *
 * A given severity changes nothing else that is drawn: sets that differ in it show the same noise, more or less of it.
 *
 * @throws Error for a severity outside [0, 1], or kinds that are none or unknown.
 */
export function degradedImageSet<How extends Reading>(set: ImageSet<How>, options: DegradedOptions): ImageSet<How> {
  const { seed, kinds = DEGRADATIONS, severity: fixed } = options;
  checkDegradations(kinds);
  if (fixed !== undefined) checkSeverity(fixed);
  const key = stream(seed, "degradation").key();
  const draw = (index: number): { drawn: DrawnDegradation; random: ReturnType<typeof imageRandom> } => {
    const random = imageRandom(key, index);
    const { kind, severity } = drawDegradation(random, kinds);
    return { drawn: { kind, severity: fixed ?? severity }, random };
  };

  const degradation = new Int32Array(set.count);
  const degradationSeverity = new Float32Array(set.count);
  for (let index = 0; index < set.count; index++) {
    const { kind, severity } = draw(index).drawn;
    degradation[index] = DEGRADATIONS.indexOf(kind);
    degradationSeverity[index] = severity;
  }

  const read = (index: number, out: Float32Array, offset = 0): How => {
    const spoil = (): void => {
      const { drawn, random } = draw(index);
      degrade(out, offset, set, drawn, random);
    };
    const reading = set.read(index, out, offset);
    if (reading === undefined) {
      spoil();
      return reading;
    }
    return reading.then(spoil) as How;
  };
  return {
    ...set,
    name: `${set.name}, degraded`,
    columns: { ...set.columns, degradation },
    measures: { ...set.measures, degradationSeverity },
    read,
  };
}
