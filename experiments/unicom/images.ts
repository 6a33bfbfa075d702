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
  /** Glyphs. */
  readonly typed: Parts;
  readonly emoji: Parts & { readonly texts: readonly string[] };
}

/** Sides in pixels. */
const DRAWN_SIDE = 20;
const TYPED_SIDE = 16;
const EMOJI_SIDE = 24;
/** Every third class of Omniglot's test half and every eighth of Glyphs' test: comparing all images would take longer than training does. */
const EVERY = { drawn: 3, typed: 8 } as const;
/** Every 28th class of Glyphs' training part, 501 of them. */
const EVERY_TRAINED = 28;

/** `heldOut`: classes that are kept of the training parts, in place of the test parts. Training parts are the same. */
export async function openImages(data: string, heldOut: boolean): Promise<Images> {
  const drawn = await openDataSet({ name: "omniglot", side: DRAWN_SIDE, holdOut: true, data });
  const typed = await openDataSet({ name: "glyphs", side: TYPED_SIDE, holdOut: true, data });
  const emoji = await openDataSet({ name: "emoji", side: EMOJI_SIDE, holdOut: true, data });
  return {
    drawn: {
      train: drawn.train,
      test: heldOut ? drawn.validation! : thinned(drawn.test, EVERY.drawn),
    },
    typed: {
      train: thinned(typed.train, EVERY_TRAINED),
      test: thinned(heldOut ? typed.validation! : typed.test, EVERY.typed),
    },
    emoji: { train: emoji.train, test: heldOut ? emoji.validation! : emoji.test, texts: emoji.texts! },
  };
}

/** Of its classes the first and every so-manieth after it. */
function thinned(set: ImageSet, every: number): ImageSet {
  const chosen = indicesWhere(set, (image) => set.labels[image] % every === 0);
  return selectImages(set, chosen, `${set.name}, one class in ${every}`);
}
