/** Continuous distributions, cut into cells of known probability. False alarms: those of `assertDistribution`. */
import assert from "node:assert/strict";
import { assertDistribution } from "./statistics.js";

const CELLS = 16;

/** Evenly in [0, 1). */
export function assertUniform(values: Iterable<number>): void {
  const counts = new Array<number>(CELLS).fill(0);
  for (const value of values) {
    assert.ok(value >= 0 && value < 1, `${value} is outside [0, 1)`);
    counts[Math.floor(value * CELLS)]++;
  }
  assertDistribution(counts, new Array<number>(CELLS).fill(1 / CELLS));
}

/** Standard normal, without what lies beyond ±cut. */
export function assertNormal(values: Iterable<number>, cut = Infinity): void {
  const edges = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2].filter((edge) => Math.abs(edge) < cut);
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    assert.ok(Math.abs(value) <= cut, `${value} is beyond ±${cut}`);
    counts[edges.filter((edge) => edge <= value).length]++;
  }
  const limit = Math.min(cut, 12); // beyond lies less than 1e-32
  const bounds = [-limit, ...edges, limit];
  const masses = counts.map((_, cell) => normalMass(bounds[cell], bounds[cell + 1]));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  assertDistribution(
    counts,
    masses.map((mass) => mass / total),
  );
}

/** ∫ exp(−x²/2) / √(2π) by Simpson's rule. */
function normalMass(from: number, to: number, intervals = 400): number {
  const width = (to - from) / intervals;
  let sum = 0;
  for (let i = 0; i <= intervals; i++) {
    const weight = i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((from + i * width) ** 2) / 2);
  }
  return (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}
