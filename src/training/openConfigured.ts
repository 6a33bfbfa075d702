/** The engine that a configuration asks for. */
import type { Engine } from "../tensor/engine.js";
import { openEngine } from "../tensor/openEngine.js";
import type { Configuration } from "./configuration.js";

/** @throws Error where it is not available here */
export async function openConfigured({ engine, multiplyAdd, residentGigabytes }: Configuration): Promise<Engine> {
  return openEngine(engine, { multiplyAdd, residentBytes: residentGigabytes * 2 ** 30 });
}
