/** WebGPU in a browser is the browser's. Takes the place of dawn.node.ts in a bundle. */

/** @throws Error where the browser has none. */
export async function provideWebGpu(): Promise<void> {
  if (typeof navigator !== "undefined" && "gpu" in navigator) return;
  throw new Error(
    "gpu engine: this browser has no WebGPU, or the page is neither https nor localhost; gpu:webgl2 and gpu:webasm run in any.",
  );
}
