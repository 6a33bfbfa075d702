/**
 * Which records of a set are images: the layout of face sets, and the plain one.
 *
 *     key 0          two labels: n+1 and n+1+c, an empty image; written last in the file
 *     keys 1 … n     images, identity by identity: the label is the class
 *     n+1 … n+c      one record an identity: labels first image key and last image key + 1, an empty image
 *
 * Where key 0 has a single label (or does not exist), every key is an image: what im2rec packs.
 */
import { writeRecords } from "./framing.js";
import { writeImageRecord, type ImageRecord } from "./imageRecord.js";
import { formatRecordIndex, type RecordIndex } from "./recordIndex.js";
import { formatRecordProperty } from "./recordProperty.js";

/** From here on float32 does not hold every whole number, so that a record number in a label may be off. */
const FLOAT32_WHOLE_NUMBERS = 2 ** 24;
const NOTHING = new Uint8Array(0);

/** The keys of the images, ascending. `zero`: the record with key 0, if there is one. */
export function imageKeys(index: RecordIndex, zero: ImageRecord | undefined): Float64Array {
  if (zero === undefined || typeof zero.label === "number") return index.keys;
  const end = zero.label[0];
  if (!(Number.isInteger(end) && end >= 1 && end <= FLOAT32_WHOLE_NUMBERS)) {
    throw new Error(
      `${index.name}: the record with key 0 says that images have the keys below ${end}; a float32 label numbers records ` +
        `exactly in 1 .. ${FLOAT32_WHOLE_NUMBERS} only. Pack the images without a record 0 that has two labels, keys from 0.`,
    );
  }
  if (end - 1 > index.keys.length) {
    throw new Error(
      `${index.name}: by the record with key 0 there are ${end - 1} images, but the index has ${index.keys.length} lines.`,
    );
  }
  const keys = Float64Array.from({ length: end - 1 }, (_, i) => i + 1);
  const missing = keys.find((key) => !index.has(key));
  if (missing !== undefined) {
    throw new Error(
      `${index.name}: by the record with key 0 the images have keys 1 .. ${end - 1}, but key ${missing} is missing.`,
    );
  }
  return keys;
}

/** The three files of a set of faces. */
export interface PackedRecords {
  readonly rec: Uint8Array;
  readonly idx: string;
  readonly property: string;
}

/** Packs encoded images in the layout of face sets; `identities[c]` are the images of class c. */
export function packIdentities(
  identities: readonly (readonly Uint8Array[])[],
  { height, width }: { readonly height: number; readonly width: number },
): PackedRecords {
  const images: ImageRecord[] = [];
  const ranges: (readonly [first: number, end: number])[] = [];
  identities.forEach((ofClass, label) => {
    const first = images.length + 1;
    for (const image of ofClass) images.push({ label, id: BigInt(images.length + 1), id2: 0n, image });
    ranges.push([first, images.length + 1]);
  });
  const firstIdentity = images.length + 1;
  const tells = (range: readonly number[], id: number, id2: bigint): ImageRecord => ({
    label: Float32Array.from(range),
    id: BigInt(id),
    id2,
    image: NOTHING,
  });
  const records = [
    ...images,
    ...ranges.map((range, i) => tells(range, firstIdentity + i, 0n)),
    tells([firstIdentity, firstIdentity + ranges.length], 0, 1n),
  ];
  const { bytes, offsets } = writeRecords(records.map(writeImageRecord));
  const keys = records.map(({ id }) => Number(id));
  return {
    rec: bytes,
    idx: formatRecordIndex(keys, offsets),
    property: formatRecordProperty({ classes: identities.length, height, width }),
  };
}
