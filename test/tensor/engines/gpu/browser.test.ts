/** The GPU engine where it is a browser's: WebGL2 and WebGPU in headless Chromium, both by its software GPU. */
import { testsInPage } from "../../../browser/testsInPage.js";

testsInPage("the GPU engine in a page", new URL("./browser.page.ts", import.meta.url), undefined, { timeout: 300_000 });
