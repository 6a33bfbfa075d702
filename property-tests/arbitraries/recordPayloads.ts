/** Payloads of RecordIO records: of any length, with the magic at multiples of four and between them, cut short, doubled, at both ends. */
import fc from "fast-check";

export const MAGIC = [0x0a, 0x23, 0xd7, 0xce];

/** Bytes among which are whole magics and beginnings of them. */
export function recordPayloads(maxPieces = 8): fc.Arbitrary<Uint8Array> {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constant(MAGIC) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }).map((length) => MAGIC.slice(0, length)) },
    { weight: 3, arbitrary: fc.array(fc.nat({ max: 255 }), { maxLength: 9 }) },
  );
  return fc.array(piece, { maxLength: maxPieces }).map((pieces) => Uint8Array.from(pieces.flat()));
}
