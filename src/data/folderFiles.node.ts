/** What lies in a folder that a user names: errors say which folder, and what is wrong with it (Node only). */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Names of the sub-folders and of the files, each in the order of their characters' codes; hidden ones are left out. */
export async function listFolder(path: string): Promise<{ readonly folders: string[]; readonly files: string[] }> {
  const entries = await readdir(path, { withFileTypes: true }).catch(refuse(path));
  const folders: string[] = [];
  const files: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const place = join(path, entry.name);
    const target = entry.isSymbolicLink()
      ? await stat(place).catch(refuse(`${place} is a link, and its target`))
      : entry;
    (target.isDirectory() ? folders : files).push(entry.name);
  }
  return { folders: folders.sort(), files: files.sort() };
}

export async function readWhole(path: string): Promise<Uint8Array> {
  return readFile(path).catch(refuse(path));
}

/** Turns a failure of the file system into a sentence about `what`. */
function refuse(what: string): (cause: NodeJS.ErrnoException) => never {
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
