/** Opens a data set by its name (Node only): files from a folder that the user names, or identities drawn on the spot. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DEFAULT_AUGMENTATION } from "./augmentation.js";
import { builtinDataSet, type BuiltinDataSetOptions } from "./builtin/builtinDataSet.js";
import { DATA_SET_NAMES, type DataSet, type DataSetName } from "./DataSet.js";
import { GLYPH_FILES, glyphs } from "./glyphs.js";
import { OMNIGLOT_FILES, omniglot } from "./omniglot.js";
import { openFolders, type FileSetOptions } from "./openFolders.node.js";
import { openRecords } from "./openRecords.node.js";
import { rotateClasses } from "./rotateClasses.js";
import type { ImageSet } from "./ImageSet.js";
import type { IpkImages } from "./readIpk.js";
import { readIpkFile } from "./readIpkFile.node.js";

export interface OpenDataSetOptions extends BuiltinDataSetOptions {
  readonly name: DataSetName;
  /** Folder of the set's files; default: the environment variable PFC_DATA. */
  readonly data?: string;
  /** Of folders and records: the share of the classes that is kept for the test; default 0.1. */
  readonly testShare?: number;
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
    case "folder": {
      const parts = await openFolders(folderOf(options), fileSetOptions(options));
      return { name: "folder", ...rotated(parts, options), augmentation: DEFAULT_AUGMENTATION.folder };
    }
    case "recordio": {
      const parts = await openRecords(folderOf(options), fileSetOptions(options));
      return { name: "recordio", ...rotated(parts, options), augmentation: DEFAULT_AUGMENTATION.recordio };
    }
    default:
      throw new Error(
        `Unknown data set "${String(options.name)}": the data sets are ${DATA_SET_NAMES.join(", ")} (--dataset).`,
      );
  }
}

const HOW_TO_NAME_IT = "Name the folder of its files with --data <folder> or the environment variable PFC_DATA";

function folderOf({ name, data = process.env.PFC_DATA }: OpenDataSetOptions): string {
  if (data) return data;
  throw new Error(`Data set "${name}" is read from files. ${HOW_TO_NAME_IT}, or use "builtin", which needs none.`);
}

/** 112 pixels are what faces are aligned to. */
function fileSetOptions({ side = 112, holdOut = false, testShare = 0.1 }: OpenDataSetOptions): FileSetOptions {
  return { side, holdOut, testShare };
}

function rotated<Parts extends { readonly train: ImageSet }>(parts: Parts, { rotations }: OpenDataSetOptions): Parts {
  return rotations ? { ...parts, train: rotateClasses(parts.train) } : parts;
}

async function readFiles<Part extends string>(
  files: Readonly<Record<Part, string>>,
  options: OpenDataSetOptions,
): Promise<Record<Part, IpkImages>> {
  const { name } = options;
  const data = folderOf(options);
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
