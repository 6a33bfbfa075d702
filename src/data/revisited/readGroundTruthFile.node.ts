/** Reads the ground truth of Revisited Oxford or Paris from the disk (Node only). */
import { readWhole } from "../folderFiles.node.js";
import { readRevisitedGroundTruth, type RevisitedGroundTruth } from "./groundTruth.js";

/** @throws Error naming the file, and the byte where it breaks or the query that is wrong. */
export async function readRevisitedGroundTruthFile(path: string): Promise<RevisitedGroundTruth> {
  return readRevisitedGroundTruth(await readWhole(path), path);
}
