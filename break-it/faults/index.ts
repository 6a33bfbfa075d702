/** All planted faults, room by room. */
import type { Fault } from "../fault.js";
import { dataFaults } from "./data.js";
import { evaluationFaults } from "./evaluation.js";
import { marginsFaults } from "./margins.js";

export const faults: readonly Fault[] = [...dataFaults, ...evaluationFaults, ...marginsFaults];
