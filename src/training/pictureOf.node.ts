/** Images of a set as PNG data URLs, for the report. */
import { PNG } from "pngjs";
import { imageSize, type ImageSet } from "../data/ImageSet.js";

/** One image as it is stored, without augmentation; a grey one becomes three equal channels. */
export async function pictureOf(set: ImageSet, index: number): Promise<string> {
  const values = new Float32Array(imageSize(set)); // [C, H, W]
  await set.read(index, values);
  return pictureFrom(values, set);
}

/** Values in [0, 1], [C, H, W], as a picture. */
export function pictureFrom(
  values: Float32Array,
  { channels, height, width }: Pick<ImageSet, "channels" | "height" | "width">,
): string {
  const png = new PNG({ width, height });
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let color = 0; color < 3; color++) {
      const plane = channels === 1 ? 0 : color;
      png.data[4 * pixel + color] = Math.round(255 * values[plane * height * width + pixel]);
    }
    png.data[4 * pixel + 3] = 255;
  }
  return `data:image/png;base64,${PNG.sync.write(png).toString("base64")}`;
}
