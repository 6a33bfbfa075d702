/**
 * Random access to the records of a large file: nothing but the record asked for is read (Node only).
 *
 * A record is asked for with one read of 64 KiB, which holds most images, and with larger ones only while its own headers say that it goes
 * on; no header can ask for more than the file has.
 */
import { readSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import {
  endsEarly,
  padded,
  PART_HEADER_BYTES,
  readPartHeader,
  takeRecord,
  WHOLE_RECORD,
  type StoredRecord,
} from "./framing.js";
import { IMAGE_HEADER_BYTES, readImageHeader } from "./imageRecord.js";

const WINDOW = 65_536;
/** Enough for the label of a record: the header of its first part, the header of the image, one further label. */
const HEAD_BYTES = 36;

/** What a record says of its image. */
export interface RecordHead {
  readonly label: number;
  /** 0 for records that only tell of others. */
  readonly imageBytes: number;
  /** Of the whole record. */
  readonly bytes: number;
}

export class RecordFile {
  private constructor(
    readonly path: string,
    readonly bytes: number,
    private readonly file: FileHandle,
  ) {}

  /** The file stays open until `close`. */
  static async open(path: string): Promise<RecordFile> {
    const file = await open(path, "r").catch((cause: Error) => {
      throw new Error(`${path}: cannot be read: ${cause.message}.`, { cause });
    });
    const { size } = await file.stat();
    return new RecordFile(path, size, file);
  }

  /**
   * The record whose first magic is at `offset`.
   *
   * @throws Error with the byte where there is no record, or where the file ends too early.
   */
  async read(offset: number): Promise<StoredRecord> {
    this.checkOffset(offset);
    for (let length = Math.min(WINDOW, this.bytes - offset); ;) {
      const record = takeRecord(await this.bytesAt(offset, length), { name: this.path, byte: offset });
      if (!("needed" in record)) return record;
      const end = offset + record.needed;
      if (end > this.bytes) throw endsEarly(this.path, offset, end, this.bytes);
      length = Math.min(Math.max(record.needed, 2 * length), this.bytes - offset);
    }
  }

  /**
   * The label of the record at `offset`, and its sizes. A set of millions is opened by this, so it reads a few bytes and does not wait for
   * its turn on the event loop.
   *
   * @param where what to call the record if its header is damaged
   */
  async head(offset: number, where: string): Promise<RecordHead> {
    this.checkOffset(offset);
    const start = new Uint8Array(HEAD_BYTES);
    const length = readSync(this.file.fd, start, 0, HEAD_BYTES, offset);
    if (length < PART_HEADER_BYTES) throw endsEarly(this.path, offset, offset + PART_HEADER_BYTES, this.bytes);
    const { kind, begin, end } = readPartHeader(start, 0, true, { name: this.path, byte: offset });
    if (kind !== WHOLE_RECORD) {
      const { payload, bytes } = await this.read(offset);
      return headOf(payload, payload.length, bytes, where);
    }
    const bytes = begin + padded(end - begin);
    if (offset + bytes > this.bytes) throw endsEarly(this.path, offset, offset + bytes, this.bytes);
    return headOf(start.subarray(begin, Math.min(end, length)), end - begin, bytes, where);
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private checkOffset(offset: number): void {
    if (Number.isSafeInteger(offset) && offset >= 0 && offset < this.bytes) return;
    throw new Error(`${this.path}: a record lies in bytes 0 .. ${this.bytes - 1}, asked for one at byte ${offset}.`);
  }

  private async bytesAt(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.file.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0) throw endsEarly(this.path, offset, offset + length, offset + done);
      done += bytesRead;
    }
    return bytes;
  }
}

function headOf(start: Uint8Array, payloadBytes: number, bytes: number, where: string): RecordHead {
  const { flag, first } = readImageHeader(start, where);
  return { label: first, imageBytes: payloadBytes - IMAGE_HEADER_BYTES - 4 * flag, bytes };
}
