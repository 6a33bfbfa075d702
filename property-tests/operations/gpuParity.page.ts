/** Every operation in gpu:webgl2 and gpu:webgpu, for a page. */
import "./gpuParity.test.js";

export { runTests as run } from "../../test/browser/standIns/test.js";
