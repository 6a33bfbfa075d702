/**
 * A record as images are packed: 24 bytes of header, further labels if there are any, then the encoded image.
 *
 *     u32 flag · f32 label · u64 id · u64 id2 · f32 labels [flag] · image        (little-endian)
 *
 * With flag 0 the header's label is the label; else `flag` labels follow and the header's is 0. The class is the first of them.
 * float32 holds whole numbers exactly up to 2^24 = 16,777,216 only, classes and record numbers alike.
 */

export const IMAGE_HEADER_BYTES = 24;

export interface ImageRecord {
  /** One label (flag 0) or a list of them (flag: its length). */
  readonly label: number | Float32Array;
  readonly id: bigint;
  readonly id2: bigint;
  /** Encoded: JPEG, PNG, … Empty in records that only tell of others. */
  readonly image: Uint8Array;
}

/** @param where the record's name in messages: its file and key or byte */
export function readImageRecord(payload: Uint8Array, where: string): ImageRecord {
  const { flag, first } = readImageHeader(payload, where);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const labelsEnd = IMAGE_HEADER_BYTES + 4 * flag;
  if (labelsEnd > payload.length) {
    throw new Error(
      `${where}: the header promises ${flag} labels, bytes ${IMAGE_HEADER_BYTES} .. ${labelsEnd - 1} of the record, ` +
        `but the record has ${payload.length} bytes.`,
    );
  }
  const label =
    flag === 0
      ? first
      : Float32Array.from({ length: flag }, (_, i) => view.getFloat32(IMAGE_HEADER_BYTES + 4 * i, true));
  const id = view.getBigUint64(8, true);
  const id2 = view.getBigUint64(16, true);
  return { label, id, id2, image: payload.subarray(labelsEnd) };
}

/** Flag and first label, from the first 28 bytes of a record. */
export function readImageHeader(payload: Uint8Array, where: string): { flag: number; first: number } {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const needed = (flag: number): number => (flag === 0 ? IMAGE_HEADER_BYTES : IMAGE_HEADER_BYTES + 4);
  const flag = payload.length < IMAGE_HEADER_BYTES ? 0 : view.getUint32(0, true);
  if (payload.length < needed(flag)) {
    throw new Error(
      `${where}: an image record has a header of ${needed(flag)} bytes (flag ${flag}), this one has ${payload.length} in all.`,
    );
  }
  return { flag, first: view.getFloat32(flag === 0 ? 4 : IMAGE_HEADER_BYTES, true) };
}

export function writeImageRecord({ label, id, id2, image }: ImageRecord): Uint8Array {
  const labels = typeof label === "number" ? new Float32Array(0) : label;
  if (typeof label !== "number" && label.length === 0) {
    throw new Error("an image record has one label or a list of at least one, given an empty list.");
  }
  const payload = new Uint8Array(IMAGE_HEADER_BYTES + 4 * labels.length + image.length);
  const view = new DataView(payload.buffer);
  view.setUint32(0, labels.length, true);
  view.setFloat32(4, typeof label === "number" ? label : 0, true);
  view.setBigUint64(8, id, true);
  view.setBigUint64(16, id2, true);
  labels.forEach((value, i) => view.setFloat32(IMAGE_HEADER_BYTES + 4 * i, value, true));
  payload.set(image, IMAGE_HEADER_BYTES + 4 * labels.length);
  return payload;
}
