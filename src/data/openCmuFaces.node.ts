/** Opens the CMU Face Images (Node only): for experiments on quality, no data set to train on. */
import { join } from "node:path";
import { CMU_FACES_FILE, cmuFaces, type CmuFacesOptions } from "./cmuFaces.js";
import type { HostImageSet } from "./ImageSet.js";
import { readIpkFile } from "./readIpkFile.node.js";

/**
 * @param folder where the file `cmu-faces-64x60.ipk.gz` lies
 * @throws Error naming the file if it is missing, damaged or another set's.
 */
export async function openCmuFaces(folder: string, options?: CmuFacesOptions): Promise<HostImageSet> {
  return cmuFaces(await readIpkFile(join(folder, CMU_FACES_FILE)), options);
}
