/** Whether an engine is there: opened, asked for a product, closed. */
import type { Engine } from "../tensor/engine.js";

/** Enough for a driver that starts cold; one that needs longer hangs. */
const MOST_SECONDS = 20;

export interface Probe {
  readonly available: boolean;
  /** What runs, or why nothing does. */
  readonly text: string;
  /** It was given up, and may hold the process. */
  readonly hangs: boolean;
}

/** Opens the engine and multiplies two numbers on it. Never throws, and never takes longer than that. */
export async function probeEngine(open: () => Promise<Engine>, mostSeconds = MOST_SECONDS): Promise<Probe> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Probe>((resolve) => {
    const text = `no answer to 3 · 7 within ${mostSeconds} seconds: the driver hangs, or another process keeps the device busy`;
    timer = setTimeout(() => resolve({ available: false, text, hangs: true }), mostSeconds * 1000);
  });
  try {
    return await Promise.race([multiply(open), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function multiply(open: () => Promise<Engine>): Promise<Probe> {
  try {
    const engine = await open();
    try {
      const product = engine.matmul(engine.tensor([3], [1, 1]), engine.tensor([7], [1, 1]), false, false);
      const value = await product.item();
      const text = value === 21 ? engine.name : `${engine.name}: 3 · 7 came out as ${value}`;
      return { available: value === 21, text, hangs: false };
    } finally {
      await engine.close();
    }
  } catch (error) {
    return { available: false, text: error instanceof Error ? error.message : String(error), hangs: false };
  }
}
