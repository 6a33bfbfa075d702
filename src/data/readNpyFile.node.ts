/**
 * Reads an array of NumPy's from the disk (Node only): a piece at a time into the one buffer that the array keeps, for a file of features may
 * be larger than what is read at once (2 GiB) and as large as a typed array can be.
 */
import { open, type FileHandle } from "node:fs/promises";
import { refuse } from "./folderFiles.node.js";
import { npyBegin, npyElements, npyLayout, NPY_PREAMBLE, readNpy, type NpyArray } from "./npy/npy.js";

const PIECE_BYTES = 2 ** 26;

/** @throws Error naming the file, and the byte where it breaks if it is damaged, or the bytes that do not fit into memory. */
export async function readNpyFile(path: string, { pieceBytes = PIECE_BYTES } = {}): Promise<NpyArray> {
  const file = await open(path).catch(refuse(path));
  try {
    const stat = await file.stat();
    // a pipe has neither length nor places
    if (!stat.isFile()) return readNpy(await file.readFile().catch(refuse(path)), path);
    const read = (from: number, into: ArrayBuffer): Promise<void> => fill(file, { path, from, into, pieceBytes });
    const preamble = new ArrayBuffer(Math.min(NPY_PREAMBLE, stat.size));
    await read(0, preamble);
    const head = new ArrayBuffer(npyBegin(new Uint8Array(preamble), stat.size, path));
    await read(0, head);
    const layout = npyLayout(new Uint8Array(head), stat.size, path);
    const elements = allocate(layout.bytes, path);
    await read(layout.begin, elements);
    return npyElements(layout, elements, path);
  } finally {
    await file.close();
  }
}

function allocate(bytes: number, path: string): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch (cause) {
    throw new Error(`${path}: its array of ${bytes} bytes does not fit into the memory of this process.`, { cause });
  }
}

interface Piece {
  readonly path: string;
  /** The first byte of the file to read. */
  readonly from: number;
  readonly into: ArrayBuffer;
  readonly pieceBytes: number;
}

/** Reads as many bytes as the buffer has. @throws Error where the file ends before, for somebody is writing it */
async function fill(file: FileHandle, { path, from, into, pieceBytes }: Piece): Promise<void> {
  for (let done = 0; done < into.byteLength;) {
    const piece = new Uint8Array(into, done, Math.min(pieceBytes, into.byteLength - done));
    const { bytesRead } = await file.read(piece, 0, piece.length, from + done).catch(refuse(path));
    if (bytesRead === 0) {
      throw new Error(`${path} became shorter while it was read: it ends at byte ${from + done} now.`);
    }
    done += bytesRead;
  }
}
