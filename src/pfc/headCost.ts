/**
 * What a step of the head costs, counted and not measured (memory and time follow r·C: the claim of Partial FC).
 *
 * Bytes of the arrays that grow with the classes; a training step also holds two or three more of the size of the logits.
 */
import { budgetOf } from "./sampleCenters.js";
import { checkFeatures } from "./sampleFeatures.js";
import { shardOf } from "./shard.js";

export interface HeadCostOptions {
  /** C */
  readonly classes: number;
  /** E */
  readonly embedding: number;
  /** r, 1 for the full softmax. */
  readonly ratio: number;
  /** f, dimensions that a step selects (Unicom); default: all E. */
  readonly features?: number;
  /** B, rows of one rank. */
  readonly batch: number;
  /** K, default 1. */
  readonly ranks?: number;
  /** Optimizer states of the size of the centers: 1 for momentum (default), 2 for Adam, 0 for plain SGD. */
  readonly states?: number;
  /** 4 for float32 (default), 8 for float64. */
  readonly bytesPerElement?: number;
}

/** All of one rank (the first, which is the largest). */
export interface HeadCost {
  /** S = r·C/K, of a batch whose own classes fit into the budget. */
  readonly sampled: number;
  /** Of one array of logits: 4·N·S. */
  readonly logitsBytes: number;
  /** Of the sampled centers as they are compared: 4·S·f. */
  readonly gatheredBytes: number;
  /** Of all centers: 4·E·C/K, in the center store. */
  readonly centerBytes: number;
  /** Of momentum and the like, beside the centers in the store. */
  readonly stateBytes: number;
  /** Multiplications and additions of the three matrix products, forward and backward: 6·N·S·f. */
  readonly flops: number;
}

/** @throws Error if the ratio lies outside [0, 1], there are not so many dimensions, or the number of classes is no whole number from 1. */
export function headCost(options: HeadCostOptions): HeadCost {
  const {
    classes,
    embedding,
    ratio,
    features = embedding,
    batch,
    ranks = 1,
    states = 1,
    bytesPerElement = 4,
  } = options;
  checkFeatures(features, embedding);
  const shard = shardOf(classes, 0, ranks);
  const sampled = budgetOf(ratio, shard.classes);
  const rows = ranks * batch;
  const centerBytes = bytesPerElement * shard.classes * embedding;
  return {
    sampled,
    logitsBytes: bytesPerElement * rows * sampled,
    gatheredBytes: bytesPerElement * sampled * features,
    centerBytes,
    stateBytes: states * centerBytes,
    flops: 6 * rows * sampled * features,
  };
}
