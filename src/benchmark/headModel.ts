/**
 * The cost model of Partial FC for one step of the head: 6·N·rC·d operations, 4·N·rC bytes of logits, and the centers with their momentum.
 *
 * What must cross to memory: each row that is updated is read and written, and so is its momentum, and the batch is read and
 * its gradient written. Logits are held, but a step that works in blocks never moves them, so they are no part of the bound.
 */
import { headCost } from "../pfc/index.js";
import type { RowStorage } from "../tensor/rowStore.js";

export interface HeadSize {
  /** C */
  readonly classes: number;
  /** E */
  readonly embedding: number;
  /** N, rows of the batch. */
  readonly batch: number;
  /** r */
  readonly ratio: number;
  /** Which rows a step updates: the sampled ones, or all. */
  readonly update: "sparse" | "dense";
  /** How centers and momentum are kept. */
  readonly storage: RowStorage;
}

export interface HeadModel {
  /** Centers that a step compares with: r·C. */
  readonly sampled: number;
  /** 6·N·S·E */
  readonly operations: number;
  /** That a step moves to and from memory. */
  readonly bytes: number;
  /** Of one array of logits: 4·N·S. */
  readonly logitsBytes: number;
  /** Of centers and momentum together. */
  readonly tableBytes: number;
}

/** @throws Error if the ratio lies outside [0, 1], or the number of classes is no whole number from 1. */
export function headModel({ classes, embedding, batch, ratio, update, storage }: HeadSize): HeadModel {
  const cost = headCost({ classes, embedding, ratio, batch });
  const tableBytes = (cost.centerBytes + cost.stateBytes) / (storage === "float16" ? 2 : 1);
  const moved = update === "dense" ? tableBytes : (tableBytes * cost.sampled) / classes;
  return {
    sampled: cost.sampled,
    operations: cost.flops,
    bytes: 2 * moved + 2 * 4 * batch * embedding,
    logitsBytes: cost.logitsBytes,
    tableBytes,
  };
}
