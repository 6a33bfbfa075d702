/** Tests that a page runs, as tests of node's runner: one for each that the page declared with node:test. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_TIMEOUT, runInPage, withoutBrowser, type PageOptions } from "./runInPage.js";
import type { Outcome } from "./standIns/test.js";

/**
 * @param entry a file that declares tests and ends in `export { runTests as run } from "…/standIns/test.js"`, or declares them in a
 *   function `run(argument)` that returns `runTests()`
 */
export function testsInPage(
  name: string,
  entry: URL,
  argument?: unknown,
  { timeout = DEFAULT_TIMEOUT }: PageOptions = {},
): void {
  const { PROPERTY_NAME, PROPERTY_RUNS = "1" } = process.env;
  // one test that is asked for by its name is in the page, where node's runner does not see it
  test(PROPERTY_NAME ?? name, { skip: withoutBrowser }, async (t) => {
    const limit = timeout * Number(PROPERTY_RUNS);
    const outcomes = await runInPage<readonly Outcome[]>(entry, argument, { timeout: limit });
    assert.notEqual(outcomes.length, 0, "the page declared no tests");
    for (const { name, skipped, failure } of outcomes) {
      await t.test(name, { skip: skipped ?? false }, () => {
        if (failure !== undefined) assert.fail(failure);
      });
    }
  });
}
