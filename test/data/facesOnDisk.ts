/** A set of coloured drawings on the disk, as folders and as records with a pair file, for tests from file to trained network. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { builtinIdentities } from "../../src/data/builtin/builtinIdentities.js";
import { packIdentities } from "../../src/data/recordio/recordLayout.js";
import { writePairs } from "./writePickle.js";
import { imageOf } from "./miniatures.js";
import { pngOf } from "./picture.js";

export const SIDE = 16;
export const IDENTITIES = 12;
export const SAMPLES = 4;

const set = builtinIdentities({ identities: IDENTITIES, samples: SAMPLES, side: SIDE, seed: 6 });

/** Red ink on blue. */
export function encodedImage(index: number): Uint8Array {
  const pixels = imageOf(set, index).flatMap((ink) => [Math.round(255 * ink), 0, 255 - Math.round(255 * ink)]);
  return pngOf({ height: SIDE, width: SIDE, pixels });
}

const identities = Array.from({ length: IDENTITIES }, (_, label) =>
  Array.from({ length: SAMPLES }, (_, sample) => encodedImage(label * SAMPLES + sample)),
);

/** `<folder>/person 0/0.png`, …; `shift`: the same people under the names of others. */
export async function writeFolders(folder: string, shift = 0): Promise<void> {
  for (const [label, images] of identities.entries()) {
    const path = join(folder, `person ${(label + shift) % IDENTITIES}`);
    await mkdir(path, { recursive: true });
    for (const [sample, image] of images.entries()) await writeFile(join(path, `${sample}.png`), image);
  }
}

/** `train.rec`, `train.idx`, `property`, and `eleven.bin` with a pair of one person and a pair of two for each person but the first. */
export async function writeRecordSet(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { rec, idx, property } = packIdentities(identities, { height: SIDE, width: SIDE });
  await writeFile(join(folder, "train.rec"), rec);
  await writeFile(join(folder, "train.idx"), idx);
  await writeFile(join(folder, "property"), property);
  const pairs = identities.slice(1).flatMap((images, i) => [images[0], images[1], images[0], identities[i][0]]);
  const same = identities.slice(1).flatMap(() => [true, false]);
  const style = { protocol: 2, dialect: "python 2", core: "numpy.core" } as const;
  await writeFile(join(folder, "eleven.bin"), writePairs(pairs, same, style));
}
