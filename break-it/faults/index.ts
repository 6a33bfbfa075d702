/** All planted faults, room by room. */
import type { Fault } from "../fault.js";
import { cfcdFaults } from "./cfcd.js";
import { cfcdEvaluationFaults } from "./cfcdEvaluation.js";
import { cfcdDataFaults } from "./cfcdData.js";
import { cfcdNetworksFaults } from "./cfcdNetworks.js";
import { dataFaults } from "./data.js";
import { evaluationFaults } from "./evaluation.js";
import { filesFaults } from "./files.js";
import { gpuFaults } from "./gpu.js";
import { marginsFaults } from "./margins.js";
import { nnFaults } from "./nn.js";
import { operationsFaults } from "./operations.js";
import { qualityFaults } from "./quality.js";
import { qualityEvaluationFaults } from "./qualityEvaluation.js";
import { ranksFaults } from "./ranks.js";
import { sweepFaults } from "./sweep.js";
import { tensorFaults } from "./tensor.js";
import { unicomFaults } from "./unicom.js";
import { unicomDataFaults } from "./unicomData.js";

export const faults: readonly Fault[] = [
  ...tensorFaults,
  ...operationsFaults,
  ...nnFaults,
  ...marginsFaults,
  ...ranksFaults,
  ...sweepFaults,
  ...gpuFaults,
  ...dataFaults,
  ...cfcdDataFaults,
  ...evaluationFaults,
  ...qualityFaults,
  ...qualityEvaluationFaults,
  ...filesFaults,
  ...unicomFaults,
  ...unicomDataFaults,
  ...cfcdFaults,
  ...cfcdEvaluationFaults,
  ...cfcdNetworksFaults,
];
