/** Opens the set of emoji (Node only): six files of images and the list of their classes. */
import { join } from "node:path";
import type { DataSet, SplitOptions } from "./DataSet.js";
import { EMOJI_FILES, emoji } from "./emoji.js";
import { EMOJI_CLASSES_FILE, parseEmojiClasses } from "./emojiClasses.js";
import { readWhole } from "./folderFiles.node.js";
import { readIpkFiles } from "./readIpkFile.node.js";

/**
 * @param folder where `emoji-noto.ipk.gz` and the other five lie, and `emoji-classes.json`
 * @throws Error naming the file that is missing, damaged or another set's.
 */
export async function openEmoji(
  folder: string,
  options?: SplitOptions,
): Promise<DataSet & { readonly texts: readonly string[] }> {
  const files = await readIpkFiles(folder, EMOJI_FILES);
  const list = join(folder, EMOJI_CLASSES_FILE);
  return emoji(files, parseEmojiClasses(new TextDecoder().decode(await readWhole(list)), list), options);
}
