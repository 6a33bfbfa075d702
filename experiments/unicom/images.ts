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
  readonly emoji: Parts & { readonly texts: readonly string[] };
}

/** Sides in pixels. */
const DRAWN_SIDE = 20;
const EMOJI_SIDE = 24;
/** Every third class of Omniglot's test half: comparing all its images would take longer than training does. */
const TEST_SHARE = 3;

/** `heldOut`: classes that are kept of the training parts, in place of the test parts. Training parts are the same. */
export async function openImages(data: string, heldOut: boolean): Promise<Images> {
  const drawn = await openDataSet({ name: "omniglot", side: DRAWN_SIDE, holdOut: true, data });
  const emoji = await openDataSet({ name: "emoji", side: EMOJI_SIDE, holdOut: true, data });
  const chosen = indicesWhere(drawn.test, (image) => drawn.test.labels[image] % TEST_SHARE === 0);
  return {
    drawn: {
      train: drawn.train,
      test: heldOut ? drawn.validation! : selectImages(drawn.test, chosen, "omniglot test, every third class"),
    },
    emoji: { train: emoji.train, test: heldOut ? emoji.validation! : emoji.test, texts: emoji.texts! },
  };
}
