/** The pictures of the guide page docs/quality.md: four built-in identities, clean and spoilt in three ways. Writes docs/quality/*.png. */
import { mkdirSync, writeFileSync } from "node:fs";
import { builtinIdentities } from "../src/data/builtin/builtinIdentities.js";
import type { Factor } from "../src/data/builtin/appearance.js";
import { pictureOf } from "../src/training/pictureOf.node.js";

const WAYS: readonly (Factor | "clean")[] = ["clean", "blur", "noise", "occlusion"];
const IDENTITIES = 4;
/** Of samples that differ by chance: one whose severity is high. */
const LEAST = 0.7;

mkdirSync("docs/quality", { recursive: true });
for (const way of WAYS) {
  const severity = way === "clean" ? 0 : { [way]: 1.5 };
  const options = { identities: IDENTITIES, samples: 60, side: 56, seed: "pictures", firstIdentity: 2 ** 29, severity };
  const set = builtinIdentities(options);
  for (let identity = 0; identity < IDENTITIES; identity++) {
    const own = Array.from(set.labels.keys()).filter((image) => set.labels[image] === identity);
    const image = way === "clean" ? own[0] : (own.find((candidate) => set.measures[way][candidate] > LEAST) ?? own[0]);
    const [, base64] = (await pictureOf(set, image)).split(",");
    writeFileSync(`docs/quality/person${identity + 1}-${way}.png`, Buffer.from(base64, "base64"));
  }
}
