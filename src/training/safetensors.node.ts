/**
 * Reading and writing safetensors files, with every check that the format asks for.
 *
 * Layout: u64 header length (little-endian), a JSON header {name: {dtype, shape, data_offsets}}, then the bytes of all tensors
 * without overlap and without holes. Writing streams chunks into a temporary file of the same folder, flushes it and renames it,
 * so that a reader finds the old file or the new one and nothing between. Besides the numbers it writes it reads I64, which PyTorch's counters of
 * batches are. Left out: all other dtypes.
 */
import { isUtf8 } from "node:buffer";
import { open, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { FloatArray } from "../tensor/engine.js";
import { formatShape, sizeOf, type Shape } from "../tensor/shape.js";
import { reasonOf } from "./reasonOf.node.js";
import { removeQuietly } from "./removeQuietly.node.js";
import { temporaryName } from "./temporaryName.node.js";

const BYTES = { F32: 4, F64: 8, I64: 8 } as const;
/** The format's own bound on the header. */
const HEADER_LIMIT = 100_000_000;
/** The one key of the header that is no tensor's name. */
const METADATA = "__metadata__";

/** What is written. */
export type StoredType = Exclude<ReadType, "I64">;
type ReadType = keyof typeof BYTES;

/** A tensor to be written: its elements arrive in chunks, so that it never has to exist as one array. */
export interface TensorSource {
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: Shape;
  readonly chunks: () => Iterable<FloatArray> | AsyncIterable<FloatArray>;
}

/** A tensor of an open file. */
export interface StoredTensor {
  readonly dtype: ReadType;
  readonly shape: Shape;
  /** Elements start <= i < start + count; all of them by default. Of I64 as float64, exact up to 2^53. */
  read(start?: number, count?: number): Promise<FloatArray>;
}

export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  close(): Promise<void>;
}

/** Writes the file whole or not at all; what was at `path` before stays until the new file is complete. */
export async function writeSafetensors(
  path: string,
  sources: readonly TensorSource[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, "w");
    try {
      await writeAll(file, headerOf(sources, metadata));
      for (const source of sources) await writeTensor(file, source);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw new Error(`${path}: could not be written (${reasonOf(error)}); what was there before is untouched.`, {
      cause: error,
    });
  }
  await syncFolder(dirname(path));
}

/** Throws where a name is taken: the file could not be read back. */
function headerOf(sources: readonly TensorSource[], metadata: Readonly<Record<string, string>>): Buffer {
  const header = Object.create(null) as Record<string, unknown>; // where "__proto__" is a name like any other
  header[METADATA] = metadata;
  let offset = 0;
  for (const { name, dtype, shape } of sources) {
    if (name in header) throw new Error(`the name "${name}" can be given to one tensor, but is taken`);
    const end = offset + sizeOf(shape) * BYTES[dtype];
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, " ");
  padded.writeBigUInt64LE(BigInt(padded.length - 8), 0);
  text.copy(padded, 8);
  return padded;
}

async function writeTensor(file: FileHandle, { name, dtype, shape, chunks }: TensorSource): Promise<void> {
  let written = 0;
  for await (const chunk of chunks()) {
    const elements = dtype === "F32" ? Float32Array.from(chunk) : Float64Array.from(chunk);
    await writeAll(file, Buffer.from(elements.buffer));
    written += chunk.length;
  }
  if (written !== sizeOf(shape)) {
    throw new Error(
      `tensor "${name}" of shape ${formatShape(shape)} needs ${sizeOf(shape)} elements, but ${written} came`,
    );
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, offset, bytes.length - offset);
    if (bytesWritten === 0) throw new Error("the file takes no more bytes");
    offset += bytesWritten;
  }
}

/** Makes the rename itself durable. The file is in place by then: where a system cannot flush a folder, that is no failure. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  if (folder) await closeRead(folder);
}

/** Opens and validates a file; tensors are read when asked for. Errors name the file and the byte where it breaks. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await open(path, "r").catch((error: Error) => {
    throw new Error(`${path}: cannot be opened (${reasonOf(error)}).`, { cause: error });
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error(`${path}: not a safetensors file: it is a folder or a device.`);
    const opened: OpenFile = { path, file, size: stat.size };
    const header = await readHeader(opened);
    return { ...describe(header.json, opened, header.end), close: () => closeRead(file) };
  } catch (error) {
    await closeRead(file);
    throw error;
  }
}

/** What was read has been checked by then: a close that fails takes nothing away. */
async function closeRead(file: FileHandle): Promise<void> {
  await file.close().catch(() => undefined);
}

interface OpenFile {
  readonly path: string;
  readonly file: FileHandle;
  readonly size: number;
}

async function readHeader(opened: OpenFile): Promise<{ json: Record<string, unknown>; end: number }> {
  const { path, size } = opened;
  if (size < 8)
    throw new Error(`${path}: not a safetensors file: ${size} bytes, but the header length alone takes 8 (byte 0).`);
  const lengthBytes = Buffer.alloc(8);
  await readAll(opened, lengthBytes, 0);
  const length = Number(lengthBytes.readBigUInt64LE(0));
  if (length > HEADER_LIMIT || 8 + length > size) {
    throw new Error(
      `${path}: not a safetensors file: byte 0 announces a header of ${length} bytes in a file of ${size}.`,
    );
  }
  const text = Buffer.alloc(length);
  await readAll(opened, text, 8);
  try {
    // read leniently, two damaged names could come out as the same
    if (!isUtf8(text)) throw new Error("the header is not UTF-8");
    const json: unknown = JSON.parse(text.toString("utf8"));
    if (typeof json !== "object" || json === null || Array.isArray(json))
      throw new Error("the header is not an object");
    return { json: json as Record<string, unknown>, end: 8 + length };
  } catch (error) {
    throw new Error(`${path}: damaged header at byte 8: ${(error as Error).message}.`, { cause: error });
  }
}

interface Entry {
  readonly dtype: ReadType;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  const { dtype, shape, data_offsets: offsets } = value as Partial<Record<keyof Entry, unknown>>;
  return (
    (dtype === "F32" || dtype === "F64" || dtype === "I64") &&
    Array.isArray(shape) &&
    shape.every(isWhole) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(isWhole)
  );
}

function isMetadata(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === "string");
}

function describe(json: Record<string, unknown>, opened: OpenFile, start: number): Omit<SafetensorsFile, "close"> {
  const { path, size } = opened;
  const { [METADATA]: metadata = {}, ...rest } = json;
  if (!isMetadata(metadata)) {
    throw new Error(`${path}: damaged header at byte 8: "${METADATA}" must map names to text.`);
  }
  const entries = Object.entries(rest).map(([name, entry]) => {
    if (!isEntry(entry)) {
      throw new Error(
        `${path}: damaged header at byte 8: "${name}" is not {dtype: F32, F64 or I64, shape, data_offsets}.`,
      );
    }
    const { dtype, shape, data_offsets: offsets } = entry; // and nothing else that it may hold, such as a name
    return { name, dtype, shape, data_offsets: offsets };
  });
  entries.sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  let expected = 0;
  for (const {
    name,
    dtype,
    shape,
    data_offsets: [from, to],
  } of entries) {
    if (from !== expected || to - from !== sizeOf(shape) * BYTES[dtype]) {
      throw new Error(
        `${path}: tensor "${name}" of shape ${formatShape(shape)} (${dtype}) should take bytes ${start + expected} to ` +
          `${start + expected + sizeOf(shape) * BYTES[dtype]}, but the header says ${start + from} to ${start + to}.`,
      );
    }
    expected = to;
  }
  if (start + expected !== size) {
    throw new Error(
      `${path}: the header describes ${start + expected} bytes, but the file has ${size}: it breaks at byte ${Math.min(size, start + expected)}.`,
    );
  }
  const tensors = new Map(
    entries.map(({ name, dtype, shape, data_offsets: [from] }) => [
      name,
      {
        dtype,
        shape,
        read: (first = 0, count = sizeOf(shape) - first) =>
          readElements(opened, dtype, start + from + first * BYTES[dtype], count),
      },
    ]),
  );
  return { metadata, tensors };
}

const ARRAYS = { F32: Float32Array, F64: Float64Array, I64: BigInt64Array } as const;

async function readElements(opened: OpenFile, dtype: ReadType, position: number, count: number): Promise<FloatArray> {
  const elements = new ARRAYS[dtype](count);
  await readAll(opened, Buffer.from(elements.buffer), position);
  return elements instanceof BigInt64Array ? Float64Array.from(elements, Number) : elements;
}

/** Fills `bytes` from the file's bytes at `position`. */
async function readAll({ path, file }: OpenFile, bytes: Buffer, position: number): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesRead } = await file.read(bytes, offset, bytes.length - offset, position + offset).catch((error) => {
      throw new Error(`${path}: byte ${position + offset} cannot be read (${reasonOf(error)}).`, { cause: error });
    });
    if (bytesRead === 0) throw new Error(`${path}: the file ended at byte ${position + offset} while it was read.`);
    offset += bytesRead;
  }
}
