/** Small pictures in three colours, and the PNG of one: exact, so that what is decoded can be compared byte by byte. */
import { PNG } from "pngjs";

export interface Picture {
  readonly height: number;
  readonly width: number;
  /** [H, W, 3] */
  readonly pixels: readonly number[];
}

/** @param alpha one for all pixels; 255 is opaque */
export function pngOf({ height, width, pixels }: Picture, alpha = 255): Uint8Array {
  const png = new PNG({ height, width });
  for (let pixel = 0; pixel < height * width; pixel++) {
    png.data.set([...pixels.slice(3 * pixel, 3 * pixel + 3), alpha], 4 * pixel);
  }
  return PNG.sync.write(png);
}

/** The byte of one channel of one pixel. */
export function pixelOf({ width, pixels }: Picture, channel: number, row: number, column: number): number {
  return pixels[(row * width + column) * 3 + channel];
}
