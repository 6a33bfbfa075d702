/** One pass over a set: the images that are not used yet, by what they may be drawn for. */
import { Pools } from "./pools.js";

export class Pass {
  /** Of each class. */
  readonly ofClass: Pools;
  /** Of each class those that the network recognises. */
  readonly recognised: Pools;
  /** Taken by the network for each class, but of another one. */
  readonly takenFor: Pools;
  /** Classes with an unused image, one pool. */
  readonly classes: Pools;
  /** Classes with two, one pool. */
  readonly anchors: Pools;

  /** @param labels [N]; @param predicted the class that a network gives each image, [N], if there is one */
  constructor(
    readonly labels: Int32Array,
    readonly predicted: Int32Array | undefined,
  ) {
    const classes = 1 + highest(labels); // a network may take images for others, which there is nothing to draw of
    const where = (isIn: (image: number) => boolean, keys: Int32Array): Pools =>
      new Pools(
        keys.map((key, image) => (isIn(image) ? key : -1)),
        classes,
      );
    const isMistaken = (image: number): boolean => predicted !== undefined && predicted[image] !== labels[image];
    this.ofClass = new Pools(labels, classes);
    this.recognised = where((image) => predicted !== undefined && !isMistaken(image), labels);
    this.takenFor = where((image) => isMistaken(image) && predicted![image] < classes, predicted ?? labels);
    const withUnused = (least: number): Pools =>
      new Pools(
        Int32Array.from({ length: classes }, (_, label) => (this.ofClass.size(label) >= least ? 0 : -1)),
        1,
      );
    this.classes = withUnused(1);
    this.anchors = withUnused(2);
  }

  /** Whether an anchor's class and S − 2 others are left. */
  hasTuple(tuple: number): boolean {
    return this.anchors.size(0) > 0 && this.classes.size(0) >= tuple - 1;
  }

  /** Takes an image out of all pools of images, and its class out of `classes` until `restoreClass`: a tuple draws from each class once. */
  use(image: number): void {
    const label = this.labels[image];
    for (const pools of [this.ofClass, this.recognised, this.takenFor]) pools.remove(image);
    if (this.ofClass.size(label) < 2) this.anchors.remove(label);
    this.classes.remove(label);
  }

  /** Lets the class of an image be drawn again, if it has unused images. */
  restoreClass(image: number): void {
    if (this.ofClass.size(this.labels[image]) > 0) this.classes.restore(this.labels[image]);
  }
}

function highest(values: Int32Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
