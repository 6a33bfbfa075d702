/** The engine that bounds what float32 loses. */
export { RoundoffEngine } from "./RoundoffEngine.js";
export { IEEE, WGSL, type Arithmetic } from "./arithmetic.js";
