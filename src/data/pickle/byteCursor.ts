/** Reads a pickle's arguments one after the other and knows where it stands. Errors are reasons without place: the caller adds it. */
export class ByteCursor {
  at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get rest(): number {
    return this.bytes.length - this.at;
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    if (length > this.rest) {
      throw new Error(`${length} more bytes are announced, but the file ends at byte ${this.bytes.length}`);
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  u8(): number {
    return this.view.getUint8(this.skip(1));
  }
  u16(): number {
    return this.view.getUint16(this.skip(2), true);
  }
  i32(): number {
    return this.view.getInt32(this.skip(4), true);
  }
  u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }
  /** Big-endian, alone among a pickle's numbers. */
  f64(): number {
    return this.view.getFloat64(this.skip(8), false);
  }
  /** A length: beyond 2^53 it is not exact, but far too large all the same. */
  u64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  /** Up to the next line feed, which is passed over. */
  line(): Uint8Array {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw new Error("a line is announced, but none ends before the file does");
    const line = this.take(end - this.at);
    this.at++;
    return line;
  }

  /** A short line of ASCII: names and numbers. */
  shortLine(): string {
    const line = this.line();
    if (line.length > 100) throw new Error(`a line of ${line.length} bytes stands where a name or number is expected`);
    return String.fromCharCode(...line);
  }

  private skip(length: number): number {
    this.take(length);
    return this.at - length;
  }
}
