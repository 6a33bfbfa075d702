/**
 * The public API of the library. Runs in Node and in a browser; what only Node has (files, the command line) is not here.
 */
export * from "./tensor/index.js";
export * from "./autograd/index.js";
export * from "./nn/index.js";
export * from "./ranks/index.js";
export * from "./pfc/index.js";
export * from "./unicom/index.js";
export * from "./crfiqa/index.js";
export * from "./cfcd/index.js";
export * from "./evaluation/index.js";
export * from "./data/index.js";
export { operations } from "./operations.js";
