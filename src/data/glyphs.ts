/**
 * Glyphs: 17,528 Chinese characters and Korean syllables, each as 11 to 15 typefaces draw it. A class is a character.
 *
 * Split by the number of the class: …9 is test (1,752 classes), …8 is for choosing settings, the rest is for training.
 */
import { resizeImages } from "./areaResize.js";
import { DEFAULT_AUGMENTATION } from "./augmentation.js";
import type { DataSet, SplitOptions } from "./DataSet.js";
import type { ImageSet } from "./ImageSet.js";
import { ipkImageSet } from "./ipkImageSet.js";
import { joinImages } from "./joinImages.js";
import type { IpkImages } from "./readIpk.js";
import { rotateClasses } from "./rotateClasses.js";
import { indicesWhere, selectImages } from "./selectImages.js";

export const GLYPH_FILES = { han: "glyphs-han.ipk.gz", hangul: "glyphs-hangul.ipk.gz" } as const;

const COLUMNS = ["class", "face"];

/** The two opened files as one data set. @throws Error if their label columns or image sizes are not those of Glyphs. */
export function glyphs(
  files: Readonly<Record<keyof typeof GLYPH_FILES, IpkImages>>,
  options: SplitOptions = {},
): DataSet {
  const { side = 24, holdOut = false, rotations = false } = options;
  const han = ipkImageSet(files.han, COLUMNS, "glyphs han");
  const hangul = ipkImageSet(files.hangul, COLUMNS, "glyphs hangul");
  const all = resizeImages(joinImages(han, hangul, "glyphs"), side);
  const part = (keep: (lastDigit: number) => boolean, name: string): ImageSet =>
    selectImages(
      all,
      indicesWhere(all, (image) => keep(all.labels[image] % 10)),
      name,
    );
  const train = holdOut
    ? part((digit) => digit < 8, "glyphs train, classes …8 left out")
    : part((digit) => digit < 9, "glyphs train");
  return {
    name: "glyphs",
    train: rotations ? rotateClasses(train) : train,
    ...(holdOut && { validation: part((digit) => digit === 8, "glyphs classes …8") }),
    test: part((digit) => digit === 9, "glyphs test"),
    augmentation: DEFAULT_AUGMENTATION.glyphs,
  };
}
