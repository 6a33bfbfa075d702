/** Every operation, forward and backward, in a page: in WebGL2 and in the browser's own WebGPU. */
import { testsInPage } from "../../test/browser/testsInPage.js";

testsInPage("operations in a page", new URL("./gpuParity.page.ts", import.meta.url), undefined, { timeout: 300_000 });
