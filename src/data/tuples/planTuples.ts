/**
 * Tuples for the local stage of CFCD (Zhu et al. 2023): an anchor, a positive of its class, and S − 2 negatives of other classes, the hard
 * ones chosen by what a trained network takes each image for.
 *
 * - Anchor: an unused image of a class drawn among those with two unused images at least.
 * - Positive: another unused image of the class; where the network mistakes the anchor, one that it recognises, if there is one.
 * - Negatives, slot by slot. Anchor recognised: with probability ½ an image of another class that the network takes for the anchor's. Anchor
 *   mistaken: with probability 0.33 such an image, otherwise with probability ½ an image of the class that the anchor was mistaken for. A pool
 *   that is used up gives its chance on. Slots that are still empty then get images of classes that are not in the tuple yet, all different.
 *
 * A pass uses every image once at most. It ends when no class has two unused images left, or fewer than S − 1 classes have one; then all are
 * unused again, and tuples are drawn until the epoch is long enough. Without predictions all negatives are of the last kind.
 *
 * Departures: the public code ends a pass only when it finds no anchor; here also when the negatives run out, so that all random negatives
 * are of different classes. Its pools of hard negatives know nothing of images used as random ones; here an image is used in all pools or none.
 */
import { stream, type Random } from "../../tensor/random.js";
import {
  checkHardNegatives,
  checkPredictions,
  checkTuples,
  type ClassPredictions,
  type HardNegatives,
} from "./checkTuples.js";
import { Pass } from "./pass.js";

export interface TuplePlanOptions {
  /** [N] */
  readonly labels: Int32Array;
  /** S, images of a tuple, default 8. */
  readonly tuple?: number;
  readonly predictions?: ClassPredictions;
  readonly hard?: HardNegatives;
  /** Between which tuples are shared out, default 1: an epoch is N images, rounded up to whole tuples on every rank. */
  readonly ranks?: number;
}

/** The tuples of one epoch. */
export interface TuplePlan {
  /** [T · S]: anchor, positive, negatives; tuple after tuple */
  readonly images: Int32Array;
  /** The tuples with which a pass begins; the first is 0. */
  readonly passes: readonly number[];
}

/** Images of an epoch, T · S. */
export function epochLength(count: number, tuple: number, ranks: number): number {
  return Math.ceil(count / (tuple * ranks)) * tuple * ranks;
}

/**
 * The tuples of every epoch, as a function of (seed, epoch).
 *
 * @throws Error for a tuple of fewer than three images, labels that give no tuple, or predictions of another set
 */
export function tuplePlanner(options: TuplePlanOptions, seed: number | string): (epoch: number) => TuplePlan {
  const { labels, tuple = 8, predictions, hard = {}, ranks = 1 } = options;
  checkTuples(labels, tuple, ranks);
  if (predictions) checkPredictions(labels, predictions);
  const rates = { recognised: 0.5, mistaken: 0.33, mistakenFor: 0.5, ...hard };
  checkHardNegatives(rates);
  return (epoch) => {
    const random = stream(seed, "tuples", epoch);
    const images = new Int32Array(epochLength(labels.length, tuple, ranks));
    const passes: number[] = [];
    let pass: Pass | undefined;
    for (let place = 0; place < images.length; place += tuple) {
      if (!pass?.hasTuple(tuple)) {
        pass = new Pass(labels, predictions?.predicted);
        passes.push(place / tuple);
      }
      images.set(drawTuple(pass, tuple, rates, random), place);
    }
    return { images, passes };
  };
}

/** Draws one tuple; the pass must have one. */
function drawTuple(pass: Pass, tuple: number, rates: Required<HardNegatives>, random: Random): number[] {
  const drawn: number[] = [];
  const take = (image: number): void => {
    pass.use(image);
    drawn.push(image);
  };

  const label = pass.anchors.draw(0, random);
  const anchor = pass.ofClass.draw(label, random);
  take(anchor);
  const mistakenFor = pass.predicted?.[anchor] ?? label;
  const isMistaken = mistakenFor !== label;
  const prefersRecognised = isMistaken && pass.recognised.size(label) > 0;
  take((prefersRecognised ? pass.recognised : pass.ofClass).draw(label, random));

  if (pass.predicted) {
    for (let slot = 2; slot < tuple; slot++) {
      const isTaken = random.uniform() < (isMistaken ? rates.mistaken : rates.recognised);
      if (isTaken && pass.takenFor.size(label) > 0) take(pass.takenFor.draw(label, random));
      else if (isMistaken && random.uniform() < rates.mistakenFor && pass.ofClass.size(mistakenFor) > 0) {
        take(pass.ofClass.draw(mistakenFor, random));
      }
    }
  }
  while (drawn.length < tuple) take(pass.ofClass.draw(pass.classes.draw(0, random), random));

  for (const image of drawn) pass.restoreClass(image);
  return drawn;
}
