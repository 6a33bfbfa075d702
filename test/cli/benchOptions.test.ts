import assert from "node:assert/strict";
import { test } from "node:test";
import { Command } from "commander";
import {
  addHeadOptions,
  addRunOptions,
  alternatives,
  parsed,
  ratios,
  type HeadOptions,
  type RunOptions,
} from "../../src/cli/bench/options.js";

/** The options of a command line, or commander's error. */
function parse(...args: string[]): HeadOptions & RunOptions {
  const command = new Command("head").exitOverride().configureOutput({ writeErr: () => undefined });
  addHeadOptions(command, { classes: 1000, embedding: 16 });
  command.addOption(parsed("--ratios <list>", "", ratios));
  addRunOptions(command, 7, ["engine", "threads", "multiply-add", "products", "path", "storage"]);
  return command.parse(args, { from: "user" }).opts<HeadOptions & RunOptions>();
}

const faults: [what: string, args: string[], message: RegExp][] = [
  ["a ratio of nothing", ["--ratios", "0,1"], /above 0 and goes up to 1/],
  ["a ratio above one", ["--ratios", "0.1,1.5"], /above 0 and goes up to 1/],
  ["a ratio that is no number", ["--ratios", "0.1,,1"], /above 0 and goes up to 1/],
  ["a ratio given twice", ["--ratios", "0.1,0.1"], /Every ratio is given once/],
  ["half a class", ["--classes", "0.5"], /It is a whole number from 1/],
  ["no rounds", ["--rounds", "0"], /It is a whole number from 1/],
  ["threads beyond all machines", ["--threads", "65"], /It is a whole number from 1 to 64/],
  ["an unknown path", ["--path", "quick"], /Allowed choices are formula, fused/],
  ["a comparison of one value", ["--compare", "threads=2"], /Two or more different values/],
  ["a comparison of a value with itself", ["--compare", "threads=2,2"], /Two or more different values/],
  [
    "a comparison of what cannot be compared",
    ["--compare", "rounds=1,2"],
    /one of engine, threads, multiply-add, products, path, storage/,
  ],
  ["a comparison of unknown values", ["--compare", "path=formula,quick"], /Allowed choices are formula, fused/],
];

for (const [what, args, message] of faults) {
  test(`${what} is refused, with what is allowed`, () => assert.throws(() => parse(...args), message));
}

test("ratios are sorted", () => {
  const { ratios: list } = parse("--ratios", "1,0.01,0.5") as unknown as { ratios: number[] };
  assert.deepEqual(list, [0.01, 0.5, 1]);
});

test("a comparison is the same options once for each value, named after it", () => {
  const found = alternatives(parse("--compare", "multiply-add=separate,fused", "--threads", "2"));
  assert.deepEqual(
    found.map(({ variant, multiplyAdd, threads }) => [variant, multiplyAdd, threads]),
    [
      ["multiply-add separate", "separate", 2],
      ["multiply-add fused", "fused", 2],
    ],
  );
  assert.deepEqual(
    alternatives(parse()).map(({ variant }) => variant),
    [""],
  );
});

test("settings of the wasm engine are refused for an engine that has none", () => {
  for (const args of [
    ["--threads", "2"],
    ["--multiply-add", "fused"],
    ["--compare", "threads=1,2"],
  ]) {
    assert.throws(() => alternatives(parse("--engine", "reference", ...args)), /--engine reference has none/);
    assert.throws(() => alternatives(parse("--engine", "gpu:webasm", ...args)), /--engine gpu:webasm has none/);
  }
  assert.equal(alternatives(parse("--compare", "engine=wasm,reference", "--threads", "2")).length, 2);
});

test("the kind of products is refused for an engine that has one only", () => {
  for (const args of [
    ["--products", "wgsl"],
    ["--compare", "products=gpu.js,wgsl", "--engine", "gpu:webasm"],
    ["--compare", "engine=wasm,gpu:cpu", "--products", "wgsl"],
  ]) {
    assert.throws(() => alternatives(parse(...args)), /--products is a setting of the engine gpu:webgpu/);
  }
  const compared = alternatives(parse("--engine", "gpu:webgpu", "--compare", "products=gpu.js,wgsl"));
  assert.deepEqual(
    compared.map(({ engine, products }) => [engine, products]),
    [
      ["gpu:webgpu", "gpu.js"],
      ["gpu:webgpu", "wgsl"],
    ],
  );
});

test("half floats are refused for the engines of GPU.js, whichever option brings the two together", () => {
  for (const args of [
    ["--engine", "gpu", "--storage", "float16"],
    ["--engine", "gpu:webgpu", "--compare", "storage=float32,float16"],
    ["--storage", "float16", "--compare", "engine=wasm,gpu:cpu"],
  ]) {
    assert.throws(
      () => alternatives(parse(...args)),
      /float16 is kept by the engines wasm and reference only.*--engine gpu/,
    );
  }
  assert.equal(alternatives(parse("--engine", "reference", "--storage", "float16")).length, 1);
});
