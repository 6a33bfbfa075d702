/**
 * Emoji: 1,897 pictograms, each in 3 to 6 drawing styles, in colour on white, with a name and keywords in English.
 *
 * A class is an emoji, an image of it one style's drawing; all six styles are in every part. The file of classes names those of the test
 * (class % 4 = 3: 474 classes), the others are for training (1,423). For choosing settings, those of the others with class % 8 = 1 are held
 * out (237): the test and the held-out classes then lie evenly over the Unicode list, in which neighbours look alike.
 */
import { resizeImages } from "./areaResize.js";
import { DEFAULT_AUGMENTATION } from "./augmentation.js";
import type { DataSet, SplitOptions } from "./DataSet.js";
import { EMOJI_GROUPS, EMOJI_STYLES, type EmojiClass, type EmojiStyle } from "./emojiClasses.js";
import type { HostImageSet, ImageSet } from "./ImageSet.js";
import { ipkImageSet } from "./ipkImageSet.js";
import { joinImages } from "./joinImages.js";
import type { IpkImages } from "./readIpk.js";
import { rotateClasses } from "./rotateClasses.js";
import { indicesWhere, selectImages } from "./selectImages.js";

export const EMOJI_FILES = Object.fromEntries(
  EMOJI_STYLES.map((style) => [style, `emoji-${style}.ipk.gz`]),
) as Readonly<Record<EmojiStyle, string>>;

const COLUMNS = ["class", "style"];

/**
 * The six opened files and their classes as one data set. Columns: `class` (of the file), `style` and `group` (places in EMOJI_STYLES and
 * EMOJI_GROUPS); `texts[class]` is what is written of an emoji.
 *
 * @throws Error if label columns, styles or image sizes are not those of Emoji, or a label has no class in the list.
 */
export function emoji(
  files: Readonly<Record<EmojiStyle, IpkImages>>,
  classes: readonly EmojiClass[],
  { side = 32, holdOut = false, rotations = false }: SplitOptions = {},
): DataSet & { readonly texts: readonly string[] } {
  const styles = EMOJI_STYLES.map((style) => styleImages(files[style], style, classes.length));
  const joined = resizeImages(
    styles.reduce((all, style) => joinImages(all, style, "emoji")),
    side,
  );
  const group = joined.labels.map((label) => EMOJI_GROUPS.indexOf(classes[label].group));
  const all: HostImageSet = { ...joined, columns: { ...joined.columns, group } };
  const part = (keep: (label: number) => boolean, name: string): ImageSet =>
    selectImages(
      all,
      indicesWhere(all, (image) => keep(all.labels[image])),
      name,
    );
  const isTest = (label: number): boolean => classes[label].split === "test";
  const isHeldOut = (label: number): boolean => !isTest(label) && label % 8 === 1;
  const train = holdOut
    ? part((label) => !isTest(label) && !isHeldOut(label), "emoji train, held-out classes left out")
    : part((label) => !isTest(label), "emoji train");
  return {
    name: "emoji",
    train: rotations ? rotateClasses(train) : train,
    ...(holdOut && { validation: part(isHeldOut, "emoji held-out classes") }),
    test: part(isTest, "emoji test"),
    texts: classes.map(emojiText),
    augmentation: DEFAULT_AUGMENTATION.emoji,
  };
}

/** Name and keywords, as words. The first keyword is as a rule the name again, so that the name counts twice. */
export function emojiText({ name, keywords }: Pick<EmojiClass, "name" | "keywords">): string {
  return [name, ...keywords].join(" ").replaceAll("_", " ");
}

function styleImages(file: IpkImages, style: EmojiStyle, classes: number): HostImageSet {
  const set = ipkImageSet(file, COLUMNS, `emoji ${style}`);
  const number = EMOJI_STYLES.indexOf(style);
  const wrong = set.columns.style.findIndex((value) => value !== number);
  if (wrong >= 0) {
    throw new Error(
      `${file.name}: the style ${style} has number ${number}, but image ${wrong} has ${set.columns.style[wrong]}. Is it another style's file?`,
    );
  }
  const beyond = set.labels.findIndex((label) => label >= classes);
  if (beyond >= 0) {
    throw new Error(
      `${file.name}: the list has ${classes} classes, 0 .. ${classes - 1}, but image ${beyond} has ${set.labels[beyond]}.`,
    );
  }
  return set;
}
