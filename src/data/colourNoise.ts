/**
 * Colour noise along the principal components of natural colours: the light on an object changes, the object does not (Krizhevsky et al.
 * 2012, "ImageNet classification with deep convolutional neural networks", section 4.1).
 *
 * To every pixel of an image the same (Δred, Δgreen, Δblue) = Σ_k α_k λ_k p_k is added, α_k normal with the given standard deviation.
 * p_k and λ_k are the components of ImageNet's pixels in [0, 1] and their published weights. Nothing is cut off: the network sees
 * values a little outside of [0, 1], as in the public implementations.
 */
import type { Planes, Uniform } from "./affine.js";

/** λ_k */
const WEIGHTS = [0.2175, 0.0188, 0.0045] as const;
/** p_k are the columns; rows are red, green, blue. */
const COMPONENTS = [
  [-0.5675, 0.7192, 0.4009],
  [-0.5808, -0.0045, -0.814],
  [-0.5836, -0.6948, 0.4203],
] as const;

/**
 * Adds colour noise to the image [3, H, W] of `images` at `offset`, in place; channels are red, green, blue. Always six numbers of `random`.
 *
 * @param deviation of α_k; 0.1 in the paper, 0 changes nothing
 * @throws Error unless the image has three channels
 */
export function addColourNoise(
  images: Float32Array,
  offset: number,
  { channels, height, width }: Planes,
  deviation: number,
  random: Uniform,
): void {
  if (channels !== COMPONENTS.length) {
    throw new Error(`colour noise: an image has three channels, red, green and blue; given ${channels}.`);
  }
  const amounts = WEIGHTS.map((weight) => deviation * weight * normal(random)); // α_k λ_k
  for (const [channel, row] of COMPONENTS.entries()) {
    const shift = row.reduce((sum, component, k) => sum + component * amounts[k], 0);
    const begin = offset + channel * height * width;
    for (let i = begin; i < begin + height * width; i++) images[i] += shift;
  }
}

/** A standard normal number (Box and Muller). */
function normal(random: Uniform): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
  return radius * Math.cos(2 * Math.PI * random.uniform());
}
