import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { roundRobin } from "../../src/benchmark/roundRobin.js";
import type { Work } from "../../src/benchmark/work.js";

/** A clock that only works move on, and a list of what was called. */
function bench(): { clock: () => number; calls: string[]; work: (name: string, milliseconds: number) => Work } {
  let now = 0;
  const calls: string[] = [];
  return {
    clock: () => now,
    calls,
    work: (name, milliseconds) => ({
      ...{ name, variant: "", engine: "none" },
      prepare: () => void (now += 1000), // outside the clock
      run: () => {
        calls.push(name);
        now += milliseconds;
      },
    }),
  };
}

describe("round robin", () => {
  test("takes works in turn, every second round backwards, and throws the warm-up away", async () => {
    const { clock, calls, work } = bench();
    const works = [work("a", 1), work("b", 2), work("c", 3)];
    const samples = await roundRobin(works, { rounds: 2, warmups: 1, clock });
    assert.equal(calls.join(""), "cba" + "abc" + "cba");
    assert.deepEqual(
      samples.map(({ seconds }) => seconds),
      [
        [0.001, 0.001],
        [0.002, 0.002],
        [0.003, 0.003],
      ],
    );
  });

  test("waits for what was queued: for preparations outside the clock, for calls within it", async () => {
    let now = 0;
    let queued = 0;
    const queue: Work = {
      ...{ name: "queued", variant: "", engine: "none" },
      prepare: () => void (queued += 1000),
      run: () => void (queued += 4),
      settle: async () => {
        now += queued;
        queued = 0;
      },
    };
    const [{ seconds }] = await roundRobin([queue], { rounds: 2, warmups: 1, clock: () => now });
    assert.deepEqual(seconds, [0.004, 0.004]);
  });

  test("repeats a short call until it fills a sample, and gives the time of one", async () => {
    let now = 0;
    let count = 0;
    const short: Work = {
      ...{ name: "short", variant: "", engine: "none" },
      run: () => {
        count++;
        now += 0.5;
      },
    };
    const rounds = 3;
    const [{ seconds }] = await roundRobin([short], { rounds, warmups: 0, sampleMilliseconds: 20, clock: () => now });
    assert.deepEqual(seconds, [0.0005, 0.0005, 0.0005]);
    assert.ok(count >= rounds * 40, `${count} calls`);
  });

  test("takes more calls where the wait for their end is longer than they are", async () => {
    let now = 0;
    let calls = 0;
    const queued: Work = {
      ...{ name: "queued", variant: "", engine: "none" },
      run: () => void calls++,
      settle: async () => {
        if (calls > 0) now += 3 + 0.1 * calls;
        calls = 0;
      },
    };
    const [{ seconds }] = await roundRobin([queued], { rounds: 2, sampleMilliseconds: 20, clock: () => now });
    for (const each of seconds) assert.ok(each < 0.15e-3, `a call takes 0.1 ms, and was given ${1e3 * each} ms`);
  });

  test("gives the parts of each call", async () => {
    const { clock, work } = bench();
    const whole: Work = { ...work("whole", 10), parts: { inner: { seconds: () => 0.004 } } };
    const [{ parts }] = await roundRobin([whole], { rounds: 2, clock });
    assert.deepEqual(parts.get("inner"), [0.004, 0.004]);
  });

  test("stopped in the middle of a round it keeps the rounds before, for all works alike", async () => {
    const { clock, calls, work } = bench();
    const stop = new AbortController();
    const last: Work = {
      ...work("b", 1),
      run: () => {
        calls.push("b");
        if (calls.length === 5) stop.abort();
      },
    };
    const samples = await roundRobin([last, work("a", 1)], { rounds: 9, warmups: 0, clock, signal: stop.signal });
    assert.deepEqual(
      samples.map(({ seconds }) => seconds.length),
      [2, 2],
    );
  });
});
