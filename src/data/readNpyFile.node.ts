/** Reads an array of NumPy's from the disk (Node only). */
import { readWhole } from "./folderFiles.node.js";
import { readNpy, type NpyArray } from "./npy/npy.js";

/** @throws Error naming the file, and the byte where it breaks if it is damaged. */
export async function readNpyFile(path: string): Promise<NpyArray> {
  return readNpy(await readWhole(path), path);
}
