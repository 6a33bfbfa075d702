import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { checkClustering } from "../../src/training/checkClustering.node.js";
import { complete, type Configuration, type PartialConfiguration } from "../../src/training/configuration.js";
import { temporaryFolder } from "../cli/pfc.js";

let root: string;
before(async () => {
  root = await temporaryFolder();
});

/** Labels with that text as `cluster.json` beside them; none where it is undefined. */
async function beside(name: string, text: string | undefined): Promise<string> {
  await mkdir(join(root, name));
  if (text !== undefined) await writeFile(join(root, name, "cluster.json"), text);
  return join(root, name, "labels.npy");
}

const clustered = ({ dataset, seed }: Configuration): string =>
  JSON.stringify({ settings: { dataset, seed }, result: {} });
const trained = (file: string, { dataset, seed = 0 }: PartialConfiguration): Configuration =>
  complete({ seed, dataset: { ...dataset, pseudoLabels: { file, sha256: "" } } });

test("classes of other built-in identities, or of another set, are refused by the flag that differs", async () => {
  const drawn = { name: "builtin", identities: 60, samples: 4 } as const;
  const file = await beside("builtin", clustered(complete({ seed: 5, dataset: drawn })));
  checkClustering(trained(file, { seed: 5, dataset: { ...drawn, side: 16 } })); // at whatever side
  for (const [given, sentence] of [
    [
      { dataset: drawn },
      /labels\.npy are classes of other images .* with --seed 5 \(.*cluster\.json\), and this run has 0;/,
    ],
    // as many images, but others
    [{ seed: 5, dataset: { ...drawn, identities: 80, samples: 3 } }, /dataset\.identities 60 .* this run has 80/],
    [{ seed: 5, dataset: { name: "emoji" } }, /--dataset builtin .* this run has emoji/],
  ] as const) {
    assert.throws(() => checkClustering(trained(file, given)), sentence);
  }
});

test("images from files are the same for any seed", async () => {
  const file = await beside("emoji", clustered(complete({ seed: 5, dataset: { name: "emoji" } })));
  checkClustering(trained(file, { seed: 6, dataset: { name: "emoji" } }));
});

test("where there is nothing to compare, labels are taken", async () => {
  const features = JSON.stringify({ settings: { dataset: null, seed: 5 } });
  for (const [i, text] of [undefined, "{", "null", '{"settings": 3}', features].entries()) {
    checkClustering(trained(await beside(`nothing ${i}`, text), { dataset: { name: "builtin" } }));
  }
  checkClustering(trained("", {}));
});
