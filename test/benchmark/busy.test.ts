import assert from "node:assert/strict";
import { test } from "node:test";
import { busyReasons, SPREAD_BOUND } from "../../src/benchmark/busy.js";

const quiet = { elapsed: 10, own: 18, all: 18.4, stolen: 0 };

test("a quiet machine and close samples give no reason", () => {
  assert.deepEqual(busyReasons(0.05, quiet, 2), []);
});

test("samples that scatter are a reason, with the number", () => {
  assert.deepEqual(busyReasons(SPREAD_BOUND, quiet, 2), []);
  assert.deepEqual(busyReasons(0.4, quiet, 2), ["spread 40 %"]);
});

test("processor time of others counts against what the threads may use", () => {
  assert.deepEqual(busyReasons(0.05, { ...quiet, all: 23 }, 2), ["others 25 %"]); // 5 of 2 · 10 seconds
  assert.deepEqual(busyReasons(0.05, { ...quiet, all: 23 }, 16), []); // 5 of 160 seconds
});

test("time that the hypervisor took away is a reason", () => {
  assert.deepEqual(busyReasons(0.05, { ...quiet, stolen: 1 }, 2), ["stolen 5 %"]);
});

test("a window that is short against the ticks of the counters is not judged by them", () => {
  assert.deepEqual(busyReasons(0.05, { elapsed: 0.1, own: 0.1, all: 5, stolen: 5 }, 2), []);
});
