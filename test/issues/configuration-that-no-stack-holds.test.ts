/**
 * Settings: brackets nested deeper than the stack, and a data set's name that is an object with a "toString", ended in an error of
 * JavaScript instead of a sentence; an empty "__proto__" was accepted; 1e999 was reported as null.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, type PartialConfiguration } from "../../src/training/configuration.js";

const completed = (text: string): unknown => complete(JSON.parse(text) as PartialConfiguration);
const deep = "[".repeat(20_000) + "]".repeat(20_000);

const refused: readonly (readonly [text: string, message: RegExp])[] = [
  [`{"steps":${deep}}`, /^configuration: steps must be a number, given \[\[\[…\]\]\]\.$/],
  [deep, /^configuration: an object of settings is needed, given \[\[\[…\]\]\]\.$/],
  [`{"dataset":${'{"__proto__":'.repeat(20_000)}1${"}".repeat(20_000)}}`, /^configuration: dataset has no "__proto__"/],
  ['{"dataset":{"name":{"toString":1}}}', /^dataset \{"toString":1\} is not known/],
  ['{"head":{"__proto__":null}}', /^configuration: head has no "__proto__"/],
  ['{"steps":1e999}', /^configuration: steps must be a number, given Infinity\.$/],
];

for (const [text, message] of refused) {
  test(`${text.slice(0, 40)} is refused in a sentence`, () => {
    assert.throws(() => completed(text), { name: "Error", message });
  });
}
