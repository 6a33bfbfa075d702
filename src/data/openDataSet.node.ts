/** Opens a data set by its name (Node only): files from a folder that the user names, or identities drawn on the spot. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { builtinDataSet, type BuiltinDataSetOptions } from "./builtin/builtinDataSet.js";
import { DATA_SET_NAMES, type DataSet, type DataSetName } from "./DataSet.js";
import { GLYPH_FILES, glyphs } from "./glyphs.js";
import { OMNIGLOT_FILES, omniglot } from "./omniglot.js";
import type { IpkImages } from "./readIpk.js";
import { readIpkFile } from "./readIpkFile.node.js";

export interface OpenDataSetOptions extends BuiltinDataSetOptions {
  readonly name: DataSetName;
  /** Folder of the `.ipk.gz` files; default: the environment variable PFC_DATA. */
  readonly data?: string;
}

/** @throws Error for an unknown name, a folder or file that is missing, unreadable or damaged. */
export async function openDataSet(options: OpenDataSetOptions): Promise<DataSet> {
  switch (options.name) {
    case "builtin":
      return builtinDataSet(options);
    case "omniglot":
      return omniglot(await readFiles(OMNIGLOT_FILES, options), options);
    case "glyphs":
      return glyphs(await readFiles(GLYPH_FILES, options), options);
    default:
      throw new Error(
        `Unknown data set "${String(options.name)}": the data sets are ${DATA_SET_NAMES.join(", ")} (--dataset).`,
      );
  }
}

const HOW_TO_NAME_IT = "Name the folder of its .ipk.gz files with --data <folder> or the environment variable PFC_DATA";

async function readFiles<Part extends string>(
  files: Readonly<Record<Part, string>>,
  { name, data = process.env.PFC_DATA }: OpenDataSetOptions,
): Promise<Record<Part, IpkImages>> {
  if (!data) {
    throw new Error(`Data set "${name}" is read from files. ${HOW_TO_NAME_IT}, or use "builtin", which needs none.`);
  }
  const present = await readdir(data).catch((cause: NodeJS.ErrnoException) => {
    const what =
      cause.code === "ENOENT"
        ? "does not exist"
        : cause.code === "ENOTDIR"
          ? "is not a folder"
          : `cannot be read (${cause.message})`;
    throw new Error(`Data set "${name}": ${data} ${what}. ${HOW_TO_NAME_IT}.`, { cause });
  });
  const opened: Partial<Record<Part, IpkImages>> = {};
  for (const [part, file] of Object.entries(files) as [Part, string][]) {
    if (!present.includes(file)) {
      throw new Error(`Data set "${name}": the folder ${data} has no file ${file}. ${HOW_TO_NAME_IT}.`);
    }
    opened[part] = await readIpkFile(join(data, file));
  }
  return opened as Record<Part, IpkImages>;
}
