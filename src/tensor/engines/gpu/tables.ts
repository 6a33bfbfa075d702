/** What the tables of rows of the GPU engine have in common. */
import type { Engine } from "../../engine.js";
import type { RowStorage } from "../../rowStore.js";
import type { Context } from "./context.js";
import type { Deferred } from "./deferred.js";
import type { Device } from "./device.js";
import type { ResidentTables } from "./residentTables.js";

/** What tables need of the engine. */
export interface TableEngine extends Engine, Context {
  readonly device: Device;
  readonly deferred: Deferred;
  readonly resident: ResidentTables;
}

/** Of float32. */
export const ELEMENT_BYTES = 4;

/** @throws Error unless elements are kept in float32. */
export function checkStorage({ name }: Engine, storage: RowStorage): void {
  if (storage === "float32") return;
  throw new Error(
    `row store: tables of ${name} are kept in "float32", for kernels of GPU.js know no other numbers; given "${storage}", ` +
      `which the wasm engine keeps in half the memory.`,
  );
}
