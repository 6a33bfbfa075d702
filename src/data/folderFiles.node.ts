/** What lies in a folder that a user names: errors say which folder, and what is wrong with it (Node only). */
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";

/** How the name of an image ends, in small or capital letters. */
export const IMAGE_EXTENSIONS = [".jpg", ".jpeg", ".png", ".webp"];

export function isImage(file: string): boolean {
  return IMAGE_EXTENSIONS.includes(extname(file).toLowerCase());
}

/**
 * Names of the sub-folders and of the files, each in the order of their characters' codes; hidden ones are left out, and what
 * is neither, such as a named pipe, which whoever reads it waits for.
 *
 * @param brokenLinks what a link without a target is: a fault of the folder (default), or a file, whose reader will find out
 */
export async function listFolder(
  path: string,
  brokenLinks: "refused" | "files" = "refused",
): Promise<{ readonly folders: string[]; readonly files: string[] }> {
  const entries = await readdir(path, { withFileTypes: true }).catch(refuse(path));
  const folders: string[] = [];
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const place = join(path, entry.name);
    const target = entry.isSymbolicLink()
      ? await stat(place).catch(brokenLinks === "files" ? () => entry : refuse(`${place} is a link, and its target`))
      : entry;
    if (target.isDirectory()) folders.push(entry.name);
    else if (target.isFile() || target.isSymbolicLink()) files.push(entry.name);
  }
  return { folders: folders.sort(), files: files.sort() };
}

export async function readWhole(path: string): Promise<Uint8Array> {
  return readFile(path).catch(refuse(path));
}

/** Turns a failure of the file system into a sentence about `what`. */
export function refuse(what: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    throw new Error(`${what} ${FAULTS[cause.code ?? ""] ?? `cannot be read (${cause.message})`}.`, { cause });
  };
}

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "is not a folder",
  EISDIR: "is a folder and no file",
  EACCES: "may not be read (permission denied)",
  ELOOP: "leads through links without end",
};
