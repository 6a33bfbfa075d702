/** Fixture `cfcd-resize`: an image at the scales of a CFCD descriptor, and normalised as its network takes it; on the host. */
import { normalise } from "../../../src/data/normalise.js";
import { resize, scaledSize } from "../../../src/data/resize.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";

function scales({ params, inputs }: Fixture): Plan {
  const { shape, data } = inputs.tensor("image_bgr_chw");
  const [channels, height, width] = shape;
  const normalisation = { mean: params.numbers("mean_bgr"), std: params.numbers("std_bgr") };
  const factors = params.numbers("scales");
  return {
    run() {
      const planes = { channels, height, width };
      const image = Float32Array.from(data);
      const outputs = factors.map((scale) => {
        const size = scaledSize(planes, scale);
        const shape = [channels, size.height, size.width];
        const resized = resize(image, planes, size);
        const normalised = resized.map((value) => value / 255);
        normalise(normalised, 0, { channels, ...size }, normalisation);
        return [
          `scale_${scale}`,
          { resized: { shape, data: resized }, normalised: { shape, data: normalised } },
        ] as const;
      });
      return { outputs: Object.fromEntries(outputs) };
    },
  };
}

export const cfcdResizes: Family = { "cfcd-resize": scales };
