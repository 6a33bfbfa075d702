import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Wish } from "./answering.page.js";
import { runInPage, withoutBrowser } from "./runInPage.js";
import type { Outcome } from "./standIns/test.js";

const answering = new URL("./answering.page.ts", import.meta.url);

describe("a page", { skip: withoutBrowser }, () => {
  it("answers, and is isolated as shared memory asks", async () => {
    const wish: Wish = { what: "answer", numbers: [1, 2.5] };
    assert.deepEqual(await runInPage(answering, wish), { doubled: [2, 5], isolated: true });
  });

  it("that fails says why, with what it wrote to its console", async () => {
    const wish: Wish = { what: "fail" };
    await assert.rejects(runInPage(answering, wish), /what the page threw[^]*console.error: what the page wrote/);
  });

  it("that never ends is ended", async () => {
    const wish: Wish = { what: "hang" };
    await assert.rejects(runInPage(answering, wish, { timeout: 10_000 }), /took more than 10 s/);
  });

  it("without a browser is an error that says how to get one", async () => {
    const { CHROMIUM } = process.env;
    process.env.CHROMIUM = "/nowhere/chromium";
    try {
      const sentence = /no browser at \/nowhere\/chromium; apt-get install --no-install-recommends chromium/;
      await assert.rejects(runInPage(answering, {}), sentence);
    } finally {
      if (CHROMIUM === undefined) delete process.env.CHROMIUM;
      else process.env.CHROMIUM = CHROMIUM;
    }
  });

  it("runs tests and properties of the project as they are", async () => {
    const outcomes = await runInPage<readonly Outcome[]>(new URL("./properties.page.ts", import.meta.url));
    const [matmul, list, property, reported, skipped] = outcomes;
    assert.deepEqual(
      [matmul, list],
      [{ name: "operations > matmul is within its bounds" }, { name: "operations > are all on the list" }],
    );
    assert.match(property.failure ?? "", /fails after \d+ cases[^]*counterexample: 101\b/);
    assert.match(reported.failure ?? "", /not equal: \[1, 0\], expected \[1, 0\]/);
    assert.deepEqual(skipped, { name: "what does not hold > or left out", skipped: "on purpose" });
  });
});
