/** The engine that bounds what float32 loses. */
export { RoundoffEngine } from "./RoundoffEngine.js";
