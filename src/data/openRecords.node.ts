/**
 * A data set of packed images (Node only): `train.rec`, `train.idx` and `property` in one folder, and any number of pair files `.bin`.
 *
 * The labels of all records are read when the set is opened, the images when they are trained on. Without an index the file is walked
 * from its beginning; records without an image, which only tell of others, are then passed over. Classes without images
 * are left out, and the others renumbered; the label in the file stays readable as column `class`.
 */
import { basename, join } from "node:path";
import { encodedImageSet } from "./encodedImageSet.node.js";
import { listFolder, readWhole } from "./folderFiles.node.js";
import { splitParts, type FileSet, type FileSetOptions } from "./openFolders.node.js";
import { checkPairSet, type PairSet } from "./pairSet.js";
import { readImageRecord } from "./recordio/imageRecord.js";
import { RecordFile } from "./recordio/recordFile.node.js";
import { parseRecordIndex, type RecordIndex } from "./recordio/recordIndex.js";
import { imageKeys } from "./recordio/recordLayout.js";
import { parseRecordProperty } from "./recordio/recordProperty.js";
import { readVerificationPairs } from "./verificationPairs.js";

const FILES = { records: "train.rec", index: "train.idx", property: "property" } as const;
/** From here on float32 labels do not hold every whole number. */
const LABEL_LIMIT = 2 ** 24;

export interface RecordSet extends FileSet {
  readonly pairs: readonly PairSet[];
  /** Closes the file of records. */
  readonly close: () => Promise<void>;
}

/** @throws Error naming the file, and the key or byte, where one is missing or damaged. */
export async function openRecords(path: string, options: FileSetOptions): Promise<RecordSet> {
  const { files } = await listFolder(path);
  if (!files.includes(FILES.records)) {
    throw new Error(
      `${path}: a set of records has a file ${FILES.records} (with ${FILES.index} and ${FILES.property}), this folder has none.`,
    );
  }
  const file = await RecordFile.open(join(path, FILES.records));
  try {
    const indexPath = join(path, FILES.index);
    const entries = files.includes(FILES.index)
      ? await indexedImages(file, parseRecordIndex(await readWhole(indexPath), indexPath))
      : await imagesInOrder(file);
    const propertyPath = join(path, FILES.property);
    const limit = files.includes(FILES.property)
      ? parseRecordProperty(new TextDecoder().decode(await readWhole(propertyPath)), propertyPath).classes
      : LABEL_LIMIT;
    const all = recordImages(basename(path), file, entries, limit, options.side);
    const pairFiles = files.filter((name) => name.endsWith(".bin"));
    const pairs = await Promise.all(pairFiles.map((name) => openPairs(join(path, name), options.side)));
    return { ...splitParts(all, options), pairs, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A pair file, decoded when it is measured on. */
export async function openPairs(path: string, side: number): Promise<PairSet> {
  const { images, same } = readVerificationPairs(await readWhole(path), path);
  const pairs: PairSet = {
    name: basename(path, ".bin"),
    images: encodedImageSet({
      name: basename(path),
      side,
      labels: Int32Array.from(images, (_, i) => i >> 1),
      classes: same.length,
      fetch: (index) => images[index],
      where: (index) => `${path}: image ${index}`,
    }),
    same,
  };
  checkPairSet(pairs);
  return pairs;
}

/** Where the images lie, and what they are. */
interface Entries {
  readonly offsets: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  /** For messages: the file and the key or byte of a record. */
  readonly where: (index: number) => string;
}

async function indexedImages(file: RecordFile, index: RecordIndex): Promise<Entries> {
  const keyedBy = (key: number): string => `${file.path}: the record with key ${key}`;
  const zero = index.has(0) ? readImageRecord((await file.read(index.offsetOf(0))).payload, keyedBy(0)) : undefined;
  const keys = imageKeys(index, zero);
  const offsets = keys.map((key) => index.offsetOf(key));
  const where = (image: number): string => keyedBy(keys[image]);
  const labels = new Float64Array(keys.length);
  for (let image = 0; image < keys.length; image++) {
    labels[image] = (await file.head(offsets[image], where(image))).label;
  }
  return { offsets, labels, where };
}

async function imagesInOrder(file: RecordFile): Promise<Entries> {
  const offsets: number[] = [];
  const labels: number[] = [];
  for (let offset = 0; offset < file.bytes;) {
    const { label, imageBytes, bytes } = await file.head(offset, `${file.path}: the record at byte ${offset}`);
    if (imageBytes > 0) {
      offsets.push(offset);
      labels.push(label);
    }
    offset += bytes;
  }
  return { offsets, labels, where: (image) => `${file.path}: the record at byte ${offsets[image]}` };
}

function recordImages(
  name: string,
  file: RecordFile,
  { offsets, labels, where }: Entries,
  limit: number,
  side: number,
): ReturnType<typeof encodedImageSet> {
  const classes = Int32Array.from(labels, (label, image) => {
    if (Number.isInteger(label) && label >= 0 && label < limit) return label;
    throw new Error(`${where(image)}: a label is a whole number in 0 .. ${limit - 1}, found ${label}.`);
  });
  return encodedImageSet({
    name,
    side,
    labels: classes,
    classes: classes.reduce((largest, label) => Math.max(largest, label), -1) + 1,
    fetch: async (image) => readImageRecord((await file.read(offsets[image])).payload, where(image)).image,
    where,
  });
}
