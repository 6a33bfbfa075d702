import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { evaluateCommand } from "../../src/cli/commands/evaluate.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { complete } from "../../src/training/configuration.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { train } from "../../src/training/train.node.js";
import { refused } from "./refused.js";
import { pfc, temporaryFolder, tinySettings } from "./pfc.js";

let run: string;
before(async () => {
  run = join(await temporaryFolder(), "run");
  const engine = await openEngine("wasm", { threads: 1 });
  const configuration = complete({ ...tinySettings, steps: 3 });
  await train({ run: RunFolder.vacant(run), configuration, engine, resume: false });
  await engine.close();
});

test("evaluate prints the protocols it is asked for, and no others; without one those of the report", async () => {
  const asked = ["--protocol", "linear-probe", "--protocol", "recall", "--part", "validation"];
  const [{ code, out, error }, plain] = await Promise.all([pfc("evaluate", ...asked, run), pfc("evaluate", run)]);
  assert.equal(code, 0, error);
  const { protocols, part, step, images, embedding } = JSON.parse(out) as {
    protocols: {
      recall: { recall: { k: number; recall: number }[]; queries: number };
      "linear-probe": { top1: number };
    };
    part: string;
    step: number;
    images: number;
    embedding: number;
  };
  assert.deepEqual(Object.keys(protocols), ["recall", "linear-probe"]);
  assert.deepEqual([part, step, embedding], ["validation", 3, 8]);
  assert.equal(protocols.recall.queries, images);
  const shares = [...protocols.recall.recall.map(({ recall }) => recall), protocols["linear-probe"].top1];
  assert.ok(shares.every((share) => share >= 0 && share <= 1));
  const report = JSON.parse(plain.out) as { recallAt1: number; protocols?: unknown };
  assert.ok(report.recallAt1 >= 0 && report.protocols === undefined);
});

test("several sizes are of the retrieval protocols, and of networks that take any", async () => {
  const several = ["--scales", "0.7,1"];
  await refused(
    evaluateCommand(),
    [run, ...several],
    /--scales is of the retrieval protocols; name them with --protocol/,
  );
  await refused(
    evaluateCommand(),
    [run, ...several, "--protocol", "recall"],
    /network that takes any size .*; small takes/,
  );
});

test("a protocol that is not known is refused", async () => {
  const command = evaluateCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const args = [run, "--protocol", "rank1"];
  await assert.rejects(
    command.parseAsync(args, { from: "user" }),
    /argument 'rank1' is invalid\. Protocols are recall, map100, knn, linear-probe\./,
  );
});
