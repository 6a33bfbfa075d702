import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, type PartialConfiguration } from "../../../src/training/configuration.js";
import type { EvaluationLine, StepLine } from "../../../src/training/metrics.js";
import { colorOf } from "../../../src/training/report/figures.js";
import { renderReport } from "../../../src/training/report/renderReport.js";
import type { RunSummary } from "../../../src/training/report/runSummary.js";

function stepLine(step: number): StepLine {
  const time = { stepMilliseconds: 10, headMilliseconds: 1, seconds: step };
  const values = { epoch: 0, loss: 10 / step, rate: 0.1, gradientNorm: 1, centerNorm: 1, sampled: 30, positives: 8 };
  return { kind: "step", step, ...values, time };
}

function evaluation(part: "validation" | "test", step: number): EvaluationLine {
  const verification = { accuracy: 0.9, deviation: 0.01, pairs: 100 };
  const scores = { recallAt1: 0.8, recallAt5: 0.9, equalErrorRate: 0.1, tarAtFar: [{ far: 1e-3, tar: 0.5 }] };
  const result = {
    images: 1234,
    classes: 56,
    ...scores,
    verification,
    roc: [[0.001, 0.5] as [number, number], [1, 1] as [number, number]],
  };
  return { kind: "evaluation", step, part, result, time: { seconds: step } };
}

function summary(name: string, settings: PartialConfiguration, more: Partial<RunSummary> = {}): RunSummary {
  const configuration = complete({ steps: 40, ...settings });
  const steps = [1, 2, 3].map(stepLine);
  return { name, configuration, steps, validations: [], examples: [], ...more };
}

const picture = "data:image/png;base64,AAAA";
const full: Partial<RunSummary> = {
  validations: [evaluation("validation", 3)],
  test: evaluation("test", 3),
  examples: [{ query: { label: 1, picture }, nearest: [{ label: 2, picture, cosine: 0.5 }] }],
};

test("the page refers to nothing outside itself", () => {
  const page = renderReport([summary("a", {}, full), summary("b", { seed: 1 }, full)]);
  const namespaces = /xmlns(:\w+)?="[^"]*"/g;
  assert.doesNotMatch(page.replaceAll(namespaces, ""), /https?:|<script|<link|@import|url\((?!#)/);
  for (const [, source] of page.matchAll(/src="([^"]*)"/g)) assert.match(source, /^data:image\/png;base64,/);
});

test("a run keeps its colour in figures for which runs before it have no data", () => {
  const page = renderReport([summary("first", {}), summary("second", { seed: 1 }, full)]);
  const [, roc] = page.split("ROC on unseen classes");
  const figure = roc.slice(0, roc.indexOf("</figure>"));
  assert.ok(figure.includes(colorOf(1)) && !figure.includes(colorOf(0)));
});

test("one validation is drawn as a dot, without a warning sign", () => {
  const page = renderReport([summary("a", {}, full)]);
  assert.match(page, /Recall@1 on held-out classes/);
  assert.doesNotMatch(page, /warning/);
});

test("settings that differ come first and are marked", () => {
  const page = renderReport([summary("a", { head: { ratio: 1 } }), summary("b", { head: { ratio: 0.1 } })]);
  const [, table] = page.split("<h2>Settings</h2>");
  assert.match(
    table,
    /<th>b<\/th><\/tr><tr class="differs"><td>head\.ratio<\/td><td>1<\/td><td>0\.1<\/td><\/tr><tr><td>/,
  );
});

test("what was tested is said, and which runs are not finished", () => {
  const page = renderReport([summary("a", {}, full), summary("b", { seed: 1 })]);
  assert.match(page, /Tested on 1,234 images of 56 classes/);
  assert.match(page, /b is not evaluated on unseen classes yet: it has made 3 of 40 steps/);
});

test("names are text and no markup", () => {
  const page = renderReport([summary('<img src="x">', {}, full)]);
  assert.ok(!page.includes('<img src="x">'));
});

test("a run whose head was not timed, as on a GPU, has a dash there and no curve of it", () => {
  const steps = [1, 2, 3].map((step): StepLine => {
    const { time, ...line } = stepLine(step);
    return { ...line, time: { ...time, headMilliseconds: undefined } };
  });
  const page = renderReport([summary("a", { engine: "gpu" }, { ...full, steps })]);
  assert.doesNotMatch(page, /Head, milliseconds a step/);
  assert.match(page, /<td>–<\/td><td>10\.0<\/td>/);
  assert.match(renderReport([summary("a", {}, full)]), /Head, milliseconds a step/);
});
