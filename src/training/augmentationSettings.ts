/** The settings of what happens to a training image, in the order in which it does. */
import { z } from "zod";

const fraction = z.number().min(0).max(1);

export const augmentation = z.strictObject({
  /** A random part of the image at the size of the whole (CFCD): the smallest share of its area, 0.08 in the paper; 0: off. */
  crop: fraction,
  /** Largest random rotation and shear, in degrees. */
  rotation: z.number().min(0).max(180),
  shear: z.number().min(0).max(45),
  /** Largest random change of size, and shift, in percent of the image. */
  scale: z.number().min(0).max(90),
  translation: z.number().min(0).max(90),
  /** Probability of a horizontal mirror image. */
  flip: fraction,
  /** Standard deviation of noise along the principal colours, 0.1 in CFCD; 0: off. Images in colour only. */
  colourNoise: z.number().min(0).max(10),
  /** Probability that a rectangle is erased. */
  erase: fraction,
  /** Probability of one of blur, noise, occlusion, low resolution and low contrast, of random severity. */
  degrade: fraction,
  /** Brightness of what lies outside of a picture that was moved, and in an erased rectangle: 0 black, 1 white. */
  background: fraction,
});

export const augmentationDefaults: z.infer<typeof augmentation> = {
  ...{ crop: 0, rotation: 8, shear: 4, scale: 8, translation: 6, flip: 0, colourNoise: 0, erase: 0, degrade: 0 },
  background: 0,
};
