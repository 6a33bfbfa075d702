/** Normalisation of pixels, channel by channel: (x − mean) / std. */
import type { Planes } from "./affine.js";

/** One number for all channels, or one a channel. */
export interface Normalisation {
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
}

/** The range [−1, 1], as the public face models take it. */
export const MINUS_ONE_TO_ONE: Normalisation = { mean: 0.5, std: 0.5 };

/** What backbones with weights from ImageNet take: red, green, blue. (CFCD's network takes blue first, with the same numbers in that order.) */
export const IMAGENET: Normalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Normalises one image [C, H, W] at `offset`, in place. Throws for a std that is not positive or a wrong number of channels. */
export function normalise(images: Float32Array, offset: number, planes: Planes, { mean, std }: Normalisation): void {
  const plane = planes.height * planes.width;
  for (let channel = 0; channel < planes.channels; channel++) {
    const centre = ofChannel(mean, channel, planes.channels, "mean");
    const spread = ofChannel(std, channel, planes.channels, "std");
    if (!(spread > 0)) throw new Error(`normalise: std is positive, given ${spread} for channel ${channel}.`);
    const begin = offset + channel * plane;
    for (let i = begin; i < begin + plane; i++) images[i] = (images[i] - centre) / spread;
  }
}

function ofChannel(value: number | readonly number[], channel: number, channels: number, name: string): number {
  if (typeof value === "number") return value;
  if (value.length !== channels) {
    throw new Error(
      `normalise: ${name} is one number or one a channel; ${value.length} given for ${channels} channels.`,
    );
  }
  return value[channel];
}
