/** The mirror image, left to right, in place. */
import type { Planes } from "./affine.js";

/** Mirrors one image [C, H, W] at `offset`. */
export function flipHorizontally(images: Float32Array, offset: number, { channels, height, width }: Planes): void {
  for (let row = 0; row < channels * height; row++) {
    let left = offset + row * width;
    let right = left + width - 1;
    for (; left < right; left++, right--) {
      const kept = images[left];
      images[left] = images[right];
      images[right] = kept;
    }
  }
}
