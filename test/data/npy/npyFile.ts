/** `.npy` files laid out by hand from the format's description, so as to share no code with the reader or the writer. */

export interface NpyFile {
  /** The dictionary, without the spaces that fill the header. */
  readonly header: string;
  /** Bytes of the elements. */
  readonly body: readonly number[] | Uint8Array;
  readonly version?: 1 | 2 | 3;
}

export function npyFile({ header, body, version = 1 }: NpyFile): Uint8Array {
  const length = Buffer.byteLength(header) + 1;
  const announced = version === 1 ? [length & 255, length >> 8] : [length & 255, (length >> 8) & 255, length >> 16, 0];
  return Uint8Array.from([
    0x93,
    ...Buffer.from("NUMPY"),
    version,
    0,
    ...announced,
    ...Buffer.from(`${header}\n`),
    ...body,
  ]);
}

export function npyHeader(descr: string, shape: string, fortran = false): string {
  return `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${shape}, }`;
}
