/** Unzips the compressed elements of MATLAB files (Node only). */
import { constants, inflateSync } from "node:zlib";
import type { Inflate } from "./findVariable.js";

/** 512 bytes swell to 528 KB at most (deflate stops at 1032:1) and hold a matrix's name, which stands in its first 200. */
const FIRST_BYTES = 512;

export const inflate: Inflate = (zipped, most, whole) => {
  try {
    if (!whole) {
      return inflateSync(zipped.subarray(0, FIRST_BYTES), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, most);
    }
    return inflateSync(zipped, { maxOutputLength: most });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new Error(`more than the announced ${most} bytes come out`, { cause });
    if (code === "Z_BUF_ERROR") throw new Error("the zlib data are cut off", { cause });
    throw new Error(`damaged zlib data: ${message}`, { cause });
  }
};
