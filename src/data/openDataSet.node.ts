/** Opens a data set by its name (Node only): files from a folder that the user names, or identities drawn on the spot. */
import { readdir } from "node:fs/promises";
import { DEFAULT_AUGMENTATION } from "./augmentation.js";
import { builtinDataSet, type BuiltinDataSetOptions } from "./builtin/builtinDataSet.js";
import { DATA_SET_NAMES, type DataSet, type DataSetName } from "./DataSet.js";
import { EMOJI_FILES } from "./emoji.js";
import { EMOJI_CLASSES_FILE } from "./emojiClasses.js";
import { GLYPH_FILES, glyphs } from "./glyphs.js";
import { OMNIGLOT_FILES, omniglot } from "./omniglot.js";
import { openEmoji } from "./openEmoji.node.js";
import { openFolders, type FileSet, type FileSetOptions } from "./openFolders.node.js";
import { openRecords } from "./openRecords.node.js";
import { readIpkFiles } from "./readIpkFile.node.js";
import { openCars } from "./retrieval/openCars.node.js";
import { openCub } from "./retrieval/openCub.node.js";
import { openInShop } from "./retrieval/openInShop.node.js";
import { openProducts } from "./retrieval/openProducts.node.js";
import { rotateClasses } from "./rotateClasses.js";

export interface OpenDataSetOptions extends BuiltinDataSetOptions {
  readonly name: DataSetName;
  /** Folder of the set's files; default: the environment variable PFC_DATA. */
  readonly data?: string;
  /** Of sets that name no test or no validation part: the share of the classes that is kept for it; default 0.1. */
  readonly testShare?: number;
}

const OPENERS: Readonly<Record<DataSetName, (options: OpenDataSetOptions) => DataSet | Promise<DataSet>>> = {
  builtin: builtinDataSet,
  omniglot: async (options) =>
    omniglot(await readIpkFiles(await folderOf(options, OMNIGLOT_FILES), OMNIGLOT_FILES), options),
  glyphs: async (options) => glyphs(await readIpkFiles(await folderOf(options, GLYPH_FILES), GLYPH_FILES), options),
  emoji: async (options) => openEmoji(await folderOf(options, { ...EMOJI_FILES, list: EMOJI_CLASSES_FILE }), options),
  folder: filesIn(openFolders, "folder"),
  recordio: filesIn(openRecords, "recordio"),
  cub: filesIn(openCub, "cub"),
  cars: filesIn(openCars, "cars"),
  sop: filesIn(openProducts, "sop"),
  inshop: filesIn(openInShop, "inshop"),
};

/** @throws Error for an unknown name, a folder or file that is missing, unreadable or damaged. */
export async function openDataSet(options: OpenDataSetOptions): Promise<DataSet> {
  if (!DATA_SET_NAMES.includes(options.name)) {
    throw new Error(
      `Unknown data set "${String(options.name)}": the data sets are ${DATA_SET_NAMES.join(", ")} (--dataset).`,
    );
  }
  return OPENERS[options.name](options);
}

/** Encoded images, decoded when they are read. */
function filesIn(
  open: (path: string, options: FileSetOptions) => Promise<FileSet>,
  name: DataSetName,
): (options: OpenDataSetOptions) => Promise<DataSet> {
  // 112 pixels are what faces are aligned to
  return async ({ side = 112, holdOut = false, testShare = 0.1, rotations = false, data }) => {
    const parts = await open(named({ name, data }), { side, holdOut, testShare });
    const train = rotations ? rotateClasses(parts.train) : parts.train;
    return { name, ...parts, train, augmentation: DEFAULT_AUGMENTATION[name] };
  };
}

const HOW_TO_NAME_IT = "Name the folder of its files with --data <folder> or the environment variable PFC_DATA";

function named({ name, data = process.env.PFC_DATA }: Pick<OpenDataSetOptions, "name" | "data">): string {
  if (data) return data;
  throw new Error(`Data set "${name}" is read from files. ${HOW_TO_NAME_IT}, or use "builtin", which needs none.`);
}

/** The folder that is named, if it has the files. */
async function folderOf(options: OpenDataSetOptions, files: Readonly<Record<string, string>>): Promise<string> {
  const { name } = options;
  const data = named(options);
  const present = await readdir(data).catch((cause: NodeJS.ErrnoException) => {
    const what =
      cause.code === "ENOENT"
        ? "does not exist"
        : cause.code === "ENOTDIR"
          ? "is not a folder"
          : `cannot be read (${cause.message})`;
    throw new Error(`Data set "${name}": ${data} ${what}. ${HOW_TO_NAME_IT}.`, { cause });
  });
  const missing = Object.values(files).find((file) => !present.includes(file));
  if (missing === undefined) return data;
  throw new Error(`Data set "${name}": the folder ${data} has no file ${missing}. ${HOW_TO_NAME_IT}.`);
}
