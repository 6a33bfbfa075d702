/**
 * Pair files as face verification has them (`lfw.bin`, `cfp_fp.bin`, `agedb_30.bin`): a pickled pair of lists.
 *
 * The first list has 2·P encoded images, pair i being images 2i and 2i + 1; the second has P truth values, true for two
 * pictures of one person.
 */
import { unpickle } from "./pickle/unpickle.js";
import { kindOf, NumpyArray, type PickleValue } from "./pickle/values.js";

export interface VerificationPairs {
  /** Encoded (JPEG, …), views of the file: pair i is images 2i and 2i + 1. */
  readonly images: readonly Uint8Array[];
  /** 1 for two images of one class, [P] */
  readonly same: Uint8Array;
}

/** Reads the bytes of a `.bin` file. @throws Error naming the file and what is wrong, with the byte or the number of the image. */
export function readVerificationPairs(bytes: Uint8Array, name: string): VerificationPairs {
  const content = unpickle(bytes, name);
  if (!Array.isArray(content) || content.length !== 2) {
    throw new Error(
      `${name}: a pair file holds two lists, images and truth values, this one holds ${kindOf(content)}.`,
    );
  }
  const [first, second] = content;
  if (!Array.isArray(first)) {
    throw new Error(`${name}: the first part of a pair file is a list of images, found ${kindOf(first)}.`);
  }
  const truths = second instanceof NumpyArray && second.isBytes ? [...second.data] : second;
  if (!Array.isArray(truths)) {
    throw new Error(`${name}: the second part of a pair file is a list of truth values, found ${kindOf(second)}.`);
  }
  if (first.length !== 2 * truths.length) {
    throw new Error(
      `${name}: each pair has two images, but there are ${first.length} images for ${truths.length} truth values.`,
    );
  }
  const images = first.map((value, i) => encodedImage(value, `${name}: image ${i}`));
  const same = Uint8Array.from(truths, (value, i) => truth(value, `${name}: pair ${i}`));
  return { images, same };
}

function encodedImage(value: PickleValue, where: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof NumpyArray && value.isBytes && value.shape.length === 1) return value.data;
  throw new Error(`${where} is a byte string or a list of bytes, found ${kindOf(value)}.`);
}

function truth(value: PickleValue, where: string): number {
  if (value === true || value === 1) return 1;
  if (value === false || value === 0) return 0;
  throw new Error(`${where} is true or false, found ${kindOf(value)}.`);
}
