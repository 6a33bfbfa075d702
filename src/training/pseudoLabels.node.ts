/**
 * The classes of a clustering in place of the true ones (Unicom): a `.npy` file with one whole number for each training image, −1 for images
 * that are left out, as `pfc cluster` writes it. A run keeps the file's digest and goes on with no other one.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ImageSet } from "../data/ImageSet.js";
import { readNpy } from "../data/npy/npy.js";
import { relabelImages } from "../data/relabelImages.js";
import type { Configuration } from "./configuration.js";
import { reasonOf } from "./reasonOf.node.js";

type PseudoLabels = Configuration["dataset"]["pseudoLabels"];

/** The file by its full path, with its digest. @throws Error if it cannot be read */
export async function locatePseudoLabels({ file }: Pick<PseudoLabels, "file">): Promise<PseudoLabels> {
  if (file === "") return { file, sha256: "" };
  return { file: resolve(file), sha256: digest(await read(file)) };
}

/** The training images under the labels of the file; the set itself where there is none. @throws Error if the file is another one now, or does not fit */
export async function withPseudoLabels(set: ImageSet, { file, sha256 }: PseudoLabels): Promise<ImageSet> {
  if (file === "") return set;
  const bytes = await read(file);
  if (sha256 !== "" && digest(bytes) !== sha256) {
    throw new Error(
      `pseudo-labels: ${file} has other labels than when the run began; put those back, or start another run.`,
    );
  }
  const { shape, data } = readNpy(bytes, file);
  if (shape.length !== 1) {
    throw new Error(
      `pseudo-labels: ${file} has one number for each training image, a vector; given [${shape.join(", ")}].`,
    );
  }
  return relabelImages(set, data, `${set.name}, pseudo-classes of ${file}`);
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new Error(`pseudo-labels: ${file}: ${reasonOf(error)}.`, { cause: error });
  }
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
