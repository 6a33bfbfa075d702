/**
 * What every reader of files owes: a result, or an error that names the file and says what is wrong with it; soon, and with memory in
 * proportion to the file.
 *
 * An accident inside a reader (TypeError, RangeError, a stack that overflows) is no such error, even where it is wrapped in one.
 */
import assert from "node:assert/strict";
import { countAllocations } from "./allocations.js";
import { watched } from "./watchdog.js";

/** A damaged file is a matter of milliseconds; this is for a machine with other work to do. */
const MILLISECONDS_ALLOWED = 2000;
/** What a reader may take beside what is in proportion to the file: buffers of a fixed size, messages. */
const BYTES_ALLOWED = 1_000_000;
/** Bytes per byte of the file: copies, decoded text, results in float64. */
const BYTES_PER_BYTE = 64;
/** JavaScript's heap, where other tests' garbage is not told apart. */
const HEAP_ALLOWED = 100_000_000;
/** Beside the file's name; nobody reads on after that. */
const MESSAGE_LENGTH = 1500;

export interface Expectations {
  /** What the error must name. */
  readonly name: string;
  /** Bytes that the reader was given. */
  readonly size: number;
  /** Binary formats say at which byte they break. */
  readonly saysByte?: boolean;
  /** Bytes that the reader may take whatever the size of the file; default: a million. */
  readonly bytesAllowed?: number;
}

/** Reads, and checks what was read; or checks how the reader refused. */
export async function underFire<Result>(
  { name, size, saysByte = false, bytesAllowed = BYTES_ALLOWED }: Expectations,
  read: () => Result | Promise<Result>,
  check: (result: Result) => void | Promise<void>,
): Promise<void> {
  const limit = bytesAllowed + BYTES_PER_BYTE * size;
  let outcome: { readonly result: Result } | { readonly error: unknown } | undefined;
  let bytes = 0;
  const milliseconds = await watched(async () => {
    const used = await countAllocations(limit, async () => {
      try {
        outcome = { result: await read() };
      } catch (error) {
        outcome = { error };
      }
    });
    assert.equal(used.refused, undefined, `the reader asks for ${used.refused} bytes at once, for a file of ${size}`);
    assert.ok(
      used.heapBytes <= HEAP_ALLOWED + limit,
      `the heap grows by ${used.heapBytes} bytes, for a file of ${size}`,
    );
    bytes = used.bytes;
  });
  assert.ok(bytes <= limit, `the reader takes ${bytes} bytes, for a file of ${size}`);
  assert.ok(
    milliseconds <= MILLISECONDS_ALLOWED,
    `the reader takes ${milliseconds.toFixed(0)} ms, for a file of ${size}`,
  );
  assert.ok(outcome);
  if ("error" in outcome) checkNamed(outcome.error, name, saysByte);
  else await check(outcome.result);
}

/** A sentence about the file, of a length that somebody reads, and no accident underneath. */
export function checkNamed(error: unknown, name: string, saysByte = false): void {
  assert.ok(error instanceof Error, `something is thrown that is no Error: ${String(error)}`);
  const { message } = error;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    assert.ok(!isAccident(cause), `an accident inside the reader: ${cause.stack}`);
  }
  assert.ok(message.includes(name), `the error does not name the file ${name}: ${message}`);
  assert.ok(message.length <= name.length + MESSAGE_LENGTH, `the error is ${message.length} characters long`);
  assert.match(message, /[.?]$/, `the error is no sentence: ${message}`);
  assert.doesNotMatch(message, /undefined|\[object|NaN of|maximum call stack/i);
  if (saysByte) assert.match(message, /bytes? \d+/, `the error does not say at which byte: ${message}`);
}

function isAccident(error: Error): boolean {
  // how zlib says that a limit is reached, and TextDecoder that bytes are no text: foreseen, whatever their class
  const announced = ["ERR_BUFFER_TOO_LARGE", "ERR_ENCODING_INVALID_ENCODED_DATA"].includes(
    (error as NodeJS.ErrnoException).code ?? "",
  );
  return (error instanceof TypeError || error instanceof RangeError || error.name === "AssertionError") && !announced;
}
