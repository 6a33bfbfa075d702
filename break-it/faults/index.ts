/** All planted faults, room by room. */
import type { Fault } from "../fault.js";
import { evaluationFaults } from "./evaluation.js";
import { marginsFaults } from "./margins.js";

export const faults: readonly Fault[] = [...evaluationFaults, ...marginsFaults];
