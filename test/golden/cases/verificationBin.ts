/** Fixtures `verification-bin`: pair files in several dialects of pickle. They are read; nothing here writes them. */
import { readVerificationPairs } from "../../../src/data/verificationPairs.js";
import { Exact } from "../compare.js";
import type { Family, Plan } from "../family.js";
import { Unsupported } from "../fields.js";
import type { Fixture } from "../fixture.js";

function pairFile({ params, inputs, expected }: Fixture): Plan {
  const images = inputs.list("images_base64");
  const truths = inputs.list("issame");
  params.oneOf("pickle_protocol", [0, 1, 2, 3, 4, 5]);
  params.oneOf("image_objects", ["bytes", "numpy uint8 1-D arrays", "python 2 str (SHORT_BINSTRING)"]);
  const file = expected.outputs.file_base64;
  if (typeof file !== "string") throw new Unsupported("outputs.file_base64 is no text");
  return {
    run() {
      const pairs = readVerificationPairs(Buffer.from(file, "base64"), "the recorded file");
      const read = {
        images: pairs.images.map((image) => Buffer.from(image).toString("base64")),
        same: Array.from(pairs.same, (value) => value === 1),
      };
      const agrees = JSON.stringify(read) === JSON.stringify({ images, same: truths });
      return { outputs: { file_base64: new Exact(agrees ? file : `reads as ${JSON.stringify(read)}`) } };
    },
  };
}

export const verificationBins: Family = { verification_bin: pairFile };
