/** The reference engine's public face. */
export { ReferenceEngine } from "./ReferenceEngine.js";
