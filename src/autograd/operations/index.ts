/** The operations of this room. The list of all, which drives tests and the documentation's table, is `src/operations.ts`. */
import type { Operation } from "../operation.js";
import * as activations from "./activations.js";
import * as arithmetic from "./arithmetic.js";
import * as columns from "./columns.js";
import * as attention from "./attention.js";
import * as conv2d from "./conv2d.js";
import * as elementary from "./elementary.js";
import * as linear from "./linear.js";
import * as losses from "./losses.js";
import * as matmul from "./matmul.js";
import * as normalization from "./normalization.js";
import * as pooling from "./pooling.js";
import * as reductions from "./reductions.js";
import * as rows from "./rows.js";
import * as shape from "./shape.js";

// An operation of two tensors is no operation of any number of tensors to the compiler; whoever drives the list passes samples.
export const operations = [
  arithmetic.addOperation,
  arithmetic.subtractOperation,
  arithmetic.multiplyOperation,
  arithmetic.divideOperation,
  arithmetic.maximumOperation,
  arithmetic.minimumOperation,
  arithmetic.powerOperation,
  arithmetic.selectOperation,
  elementary.negateOperation,
  elementary.absoluteOperation,
  elementary.expOperation,
  elementary.logOperation,
  elementary.sqrtOperation,
  elementary.squareOperation,
  elementary.reciprocalOperation,
  elementary.sinOperation,
  elementary.cosOperation,
  elementary.arccosOperation,
  elementary.tanhOperation,
  elementary.erfOperation,
  elementary.affineOperation,
  elementary.clampOperation,
  shape.reshapeOperation,
  shape.permuteOperation,
  shape.sliceOperation,
  shape.concatenateOperation,
  shape.broadcastToOperation,
  reductions.sumOperation,
  reductions.meanOperation,
  reductions.maximumOverOperation,
  rows.softmaxOperation,
  rows.logSoftmaxOperation,
  rows.normalizeRowsOperation,
  rows.gatherRowsOperation,
  rows.scatterAddRowsOperation,
  columns.gatherColumnsOperation,
  rows.pickOperation,
  rows.placeOperation,
  matmul.matmulOperation,
  linear.linearOperation,
  conv2d.conv2dOperation,
  normalization.batchNormOperation,
  normalization.scaleChannelsOperation,
  normalization.layerNormOperation,
  attention.attentionOperation,
  activations.reluOperation,
  activations.relu6Operation,
  activations.preluOperation,
  activations.sigmoidOperation,
  activations.geluOperation,
  activations.geluTanhOperation,
  activations.dropoutOperation,
  pooling.maxPool2dOperation,
  pooling.averagePool2dOperation,
  losses.crossEntropyOperation,
  losses.smoothL1Operation,
] as unknown as readonly Operation[];
