/** Features of images from a file of NumPy's or of MATLAB's, one row an image (Node only). */
import { extname } from "node:path";
import { readWhole } from "./folderFiles.node.js";
import { inflate } from "./mat/inflate.node.js";
import { readMatColumns } from "./mat/readMatColumns.js";
import { npyRows } from "./npy/npy.js";
import { readNpyFile } from "./readNpyFile.node.js";

export interface FeatureRows {
  /** [N, D] */
  readonly rows: Float32Array | Float64Array;
  readonly count: number;
  readonly width: number;
}

/**
 * `.npy`: an array [N, D], whose numbers are taken as float32. `.mat`: a matrix [D, N], a column an image, by its name; in the features of Revisited Oxford and Paris `X` is the database,
 * `Q` are the queries; their numbers stay as they are.
 *
 * @throws Error naming the file, and what is wrong with it; for another ending, and for a `.mat` file without the name of a variable.
 */
export async function readFeaturesFile(path: string, variable?: string): Promise<FeatureRows> {
  const ending = extname(path).toLowerCase();
  if (ending === ".npy") return npyRows(await readNpyFile(path), path);
  if (ending !== ".mat") throw new Error(`${path}: features are read from .npy and .mat, this is a "${ending}".`);
  if (variable === undefined) {
    throw new Error(`${path}: a .mat file has several variables; say which one holds the features, such as "X".`);
  }
  return readMatColumns(await readWhole(path), path, { variable, inflate });
}
