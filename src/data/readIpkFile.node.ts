/**
 * Reads a gzipped `.ipk.gz` container from the disk (Node only).
 *
 * The first bytes are unzipped alone, so that the header is judged before the whole is; the whole may then be exactly as long
 * as the header promises, and not a byte longer, which a file made to swell cannot get around.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import { IPK_HEADER_BYTES, readIpk, readIpkHeader, type IpkImages } from "./readIpk.js";

/** 4 KiB of gzip swell to 4.2 MB at most (deflate stops at 1032:1) and hold the header wherever gzip's own is of a usual length. */
const FIRST_BYTES = 4096;

/** @throws Error naming the file, and the byte where it breaks if it is damaged. */
export async function readIpkFile(path: string): Promise<IpkImages> {
  return readIpk(gunzipIpk(await readBytes(path), path), path);
}

/** The files of a set, by their parts. */
export async function readIpkFiles<Part extends string>(
  folder: string,
  files: Readonly<Record<Part, string>>,
): Promise<Record<Part, IpkImages>> {
  const opened: Partial<Record<Part, IpkImages>> = {};
  for (const [part, file] of Object.entries(files) as [Part, string][]) {
    opened[part] = await readIpkFile(join(folder, file));
  }
  return opened as Record<Part, IpkImages>;
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Error(`${path}: cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/** Unzips a container; its length is checked against its own header. */
export function gunzipIpk(zipped: Uint8Array, name: string): Uint8Array {
  const beginning = unzip(zipped, name, Math.min(FIRST_BYTES, zipped.length), {});
  if (beginning.length < IPK_HEADER_BYTES) {
    if (zipped.length > FIRST_BYTES) {
      throw new Error(`${name}: no image container begins within the first ${FIRST_BYTES} bytes of the gzip file.`);
    }
    unzip(zipped, name, zipped.length, { whole: true }); // says where the gzip layer breaks, if it does
  }
  const { bytes } = readIpkHeader(beginning, name);
  return unzip(zipped, name, zipped.length, { whole: true, limit: bytes });
}

interface Unzip {
  /** The gzip member must end where the bytes end. */
  readonly whole?: boolean;
  /** The most bytes that may come out. */
  readonly limit?: number;
}

/** Unzips the first `length` bytes. */
function unzip(zipped: Uint8Array, name: string, length: number, { whole = false, limit }: Unzip): Uint8Array {
  try {
    return gunzipSync(zipped.subarray(0, length), {
      finishFlush: whole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
      ...(limit === undefined ? {} : { maxOutputLength: limit }),
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") {
      throw new Error(`${name}: by its header the file ends at byte ${limit} (unzipped), but it goes on after that.`, {
        cause,
      });
    }
    if (code === "Z_BUF_ERROR") {
      throw new Error(`${name}: the file is cut off: it ends at byte ${length}, in the middle of its gzip data.`, {
        cause,
      });
    }
    throw new Error(`${name}: damaged gzip data at byte ${firstBadByte(zipped, length)}: ${message}.`, { cause });
  }
}

/** The first byte that the unzipper objects to: every shorter beginning unzips, found by bisection. */
function firstBadByte(zipped: Uint8Array, length: number): number {
  const unzips = (bytes: number): boolean => {
    try {
      gunzipSync(zipped.subarray(0, bytes), { finishFlush: constants.Z_SYNC_FLUSH });
      return true;
    } catch {
      return false;
    }
  };
  let good = 0;
  let bad = length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (unzips(middle)) good = middle;
    else bad = middle;
  }
  return bad - 1;
}
