/** Communicators: how the ranks of a run talk to each other. */
export type { Communicator } from "./communicator.js";
export { alone } from "./alone.js";
export { InProcessRanks } from "./inProcessRanks.js";
