/** WebGPU in Node: Dawn, the implementation of Chromium, from the package `webgpu`. In a browser bundle dawn.browser.ts takes the place of this file. */

import type * as Dawn from "webgpu";

let provided: Promise<void> | undefined;

/** Makes `navigator.gpu` answer, once a process: GPU.js looks for it there. @throws Error where Dawn cannot be loaded. */
export function provideWebGpu(): Promise<void> {
  provided ??= provide();
  return provided;
}

async function provide(): Promise<void> {
  if (typeof navigator !== "undefined" && "gpu" in navigator) return;
  const { create, globals } = await loadDawn();
  Object.assign(globalThis, globals); // GPUBufferUsage, GPUMapMode, …
  const gpu = create([]);
  if (typeof navigator === "undefined") {
    Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true, writable: true });
  } else {
    Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  }
}

async function loadDawn(): Promise<typeof Dawn> {
  try {
    return await import("webgpu");
  } catch (error) {
    throw new Error(
      `gpu engine: the package webgpu (Dawn) cannot be loaded here: ${(error as Error).message.split("\n")[0]}. ` +
        `It needs glibc 2.34 or newer on Linux; npm ci installs it.`,
      { cause: error },
    );
  }
}
