/**
 * Reading and writing safetensors files, with every check that the format asks for.
 *
 * Layout: u64 header length (little-endian), a JSON header {name: {dtype, shape, data_offsets}}, then the bytes of all tensors
 * without overlap and without holes. Writing streams chunks into a temporary file of the same folder, flushes it and renames it,
 * so that a reader finds the old file or the new one and nothing between. Left out: dtypes other than F32 and F64.
 */
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { FloatArray } from "../tensor/engine.js";
import { formatShape, sizeOf, type Shape } from "../tensor/shape.js";
import { reasonOf } from "./reasonOf.node.js";
import { temporaryName } from "./temporaryName.node.js";

const BYTES = { F32: 4, F64: 8 } as const;
/** The format's own bound on the header. */
const HEADER_LIMIT = 100_000_000;

export type StoredType = keyof typeof BYTES;

/** A tensor to be written: its elements arrive in chunks, so that it never has to exist as one array. */
export interface TensorSource {
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: Shape;
  readonly chunks: () => Iterable<FloatArray> | AsyncIterable<FloatArray>;
}

/** A tensor of an open file. */
export interface StoredTensor {
  readonly dtype: StoredType;
  readonly shape: Shape;
  /** Elements start <= i < start + count; all of them by default. */
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
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw new Error(`${path}: could not be written (${reasonOf(error)}); what was there before is untouched.`, {
      cause: error,
    });
  }
}

function headerOf(sources: readonly TensorSource[], metadata: Readonly<Record<string, string>>): Buffer {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, dtype, shape } of sources) {
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
    offset += bytesWritten;
  }
}

/** Makes the rename itself durable. Some systems cannot open a folder; then there is nothing to flush. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** Opens and validates a file; tensors are read when asked for. Errors name the file and the byte where it breaks. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await open(path, "r").catch((error: Error) => {
    throw new Error(`${path}: cannot be opened (${reasonOf(error)}).`, { cause: error });
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error(`${path}: not a safetensors file: it is a folder or a device.`);
    const { size } = stat;
    const header = await readHeader(file, size, path);
    return { ...describe(header.json, file, size, header.end, path), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHeader(
  file: FileHandle,
  size: number,
  path: string,
): Promise<{ json: Record<string, unknown>; end: number }> {
  if (size < 8)
    throw new Error(`${path}: not a safetensors file: ${size} bytes, but the header length alone takes 8 (byte 0).`);
  const lengthBytes = Buffer.alloc(8);
  await file.read(lengthBytes, 0, 8, 0);
  const length = Number(lengthBytes.readBigUInt64LE(0));
  if (length > HEADER_LIMIT || 8 + length > size) {
    throw new Error(
      `${path}: not a safetensors file: byte 0 announces a header of ${length} bytes in a file of ${size}.`,
    );
  }
  const text = Buffer.alloc(length);
  await file.read(text, 0, length, 8);
  try {
    const json: unknown = JSON.parse(text.toString("utf8"));
    if (typeof json !== "object" || json === null || Array.isArray(json))
      throw new Error("the header is not an object");
    return { json: json as Record<string, unknown>, end: 8 + length };
  } catch (error) {
    throw new Error(`${path}: damaged header at byte 8: ${(error as Error).message}.`, { cause: error });
  }
}

interface Entry {
  readonly dtype: StoredType;
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
    (dtype === "F32" || dtype === "F64") &&
    Array.isArray(shape) &&
    shape.every(isWhole) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(isWhole)
  );
}

function describe(
  json: Record<string, unknown>,
  file: FileHandle,
  size: number,
  start: number,
  path: string,
): Omit<SafetensorsFile, "close"> {
  const { __metadata__: rawMetadata = {}, ...rest } = json;
  const metadata = Object.entries(rawMetadata as Record<string, unknown>);
  if (metadata.some(([, value]) => typeof value !== "string")) {
    throw new Error(`${path}: damaged header at byte 8: "__metadata__" must map names to text.`);
  }
  const entries = Object.entries(rest).map(([name, entry]) => {
    if (!isEntry(entry)) {
      throw new Error(`${path}: damaged header at byte 8: "${name}" is not {dtype: F32 or F64, shape, data_offsets}.`);
    }
    return { name, ...entry };
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
          readElements(file, dtype, start + from + first * BYTES[dtype], count),
      },
    ]),
  );
  return { metadata: Object.fromEntries(metadata) as Record<string, string>, tensors };
}

async function readElements(file: FileHandle, dtype: StoredType, position: number, count: number): Promise<FloatArray> {
  const elements = dtype === "F32" ? new Float32Array(count) : new Float64Array(count);
  const bytes = Buffer.from(elements.buffer);
  for (let offset = 0; offset < bytes.length;) {
    const { bytesRead } = await file.read(bytes, offset, bytes.length - offset, position + offset);
    if (bytesRead === 0) throw new Error(`the file ended at byte ${position + offset} while a tensor was read.`);
    offset += bytesRead;
  }
  return elements;
}
