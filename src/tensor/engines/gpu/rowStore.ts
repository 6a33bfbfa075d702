/**
 * Tables of rows on the GPU engine: on the device where they fit with the state that will lie beside them, else on the host, from where
 * sampled rows are streamed.
 */
import type { RowStore, RowStoreOptions } from "../../rowStore.js";
import { checkRowStore } from "../../rowStoreMemory.js";
import { ResidentRowStore } from "./residentRowStore.js";
import { StreamedRowStore } from "./streamedRowStore.js";
import { ELEMENT_BYTES, checkStorage, type TableEngine } from "./tables.js";

/** @throws Error if the storage is not float32, a size makes no sense, or the host lacks memory for what it has to hold. */
export function openRowStore(engine: TableEngine, rows: number, columns: number, options: RowStoreOptions): RowStore {
  const { initialize, storage = "float32", besides = [storage] } = options;
  const tables = [storage, ...besides];
  for (const kept of tables) checkStorage(engine, kept);
  const resident = engine.resident.fit(tables.length * rows * columns * ELEMENT_BYTES);
  const elsewhere = resident && engine.device.adapter !== undefined;
  const size = { rows, columns, elementBytes: tables.map(() => ELEMENT_BYTES) };
  checkRowStore(size, elsewhere ? Infinity : undefined);
  return resident
    ? new ResidentRowStore(engine, rows, columns, { initialize, planned: besides.length })
    : new StreamedRowStore(engine, rows, columns, initialize);
}
