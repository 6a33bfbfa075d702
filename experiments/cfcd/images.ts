/** The images of this experiment: classes to train on, and others to test on. */
import type { ImageSet } from "../../src/data/ImageSet.js";
import { openDataSet } from "../../src/data/openDataSet.node.js";
import { indicesWhere, selectImages } from "../../src/data/selectImages.js";

export interface Parts {
  readonly train: ImageSet;
  readonly test: ImageSet;
}

export interface Images {
  /** Omniglot. */
  readonly drawn: Parts;
  readonly emoji: Parts;
}

/** Sides in pixels. */
const DRAWN_SIDE = 16;
const EMOJI_SIDE = 20;
/** Every so-manieth class: 136 characters to train on, as in the specification's own run, 110 to test on; 297 emoji and 237. */
const EVERY = { drawn: { train: 6, test: 6, heldOut: 3 }, emoji: { train: 4, test: 2 } } as const;

/** `heldOut`: classes that are kept of the training parts, in place of the test parts. Training parts are the same. */
export async function openImages(data: string, heldOut: boolean): Promise<Images> {
  const drawn = await openDataSet({ name: "omniglot", side: DRAWN_SIDE, holdOut: true, data });
  const emoji = await openDataSet({ name: "emoji", side: EMOJI_SIDE, holdOut: true, data });
  return {
    drawn: {
      train: thinned(drawn.train, EVERY.drawn.train),
      test: heldOut ? thinned(drawn.validation!, EVERY.drawn.heldOut) : thinned(drawn.test, EVERY.drawn.test),
    },
    emoji: {
      train: thinned(emoji.train, EVERY.emoji.train),
      test: thinned(heldOut ? emoji.validation! : emoji.test, EVERY.emoji.test),
    },
  };
}

/** Of its classes the first and every so-manieth after it. */
function thinned(set: ImageSet, every: number): ImageSet {
  const chosen = indicesWhere(set, (image) => set.labels[image] % every === 0);
  return selectImages(set, chosen, `${set.name}, one class in ${every}`);
}
