/**
 * Which variant of the kernels runs: a · b + c in two roundings, or in one by relaxed SIMD (kernels/multiplyAdd.ts).
 *
 * Fused is nearly twice as fast on x86 and rounds less. But the standard lets a machine without the instruction round twice, so equal
 * bits across machines need "separate". Node 20 has relaxed SIMD behind a flag of V8, which is set here; later versions have it on.
 */
import { kernelsBase64 } from "./generated/kernels.js";
import { enableRelaxedSimd } from "./threads.node.js";

export type MultiplyAdd = "separate" | "fused";

/** The compiled kernels. Not told which: fused where this platform has relaxed SIMD. @throws Error if fused is asked for and missing */
export async function compileKernels(
  asked?: MultiplyAdd,
): Promise<{ readonly module: WebAssembly.Module; readonly multiplyAdd: MultiplyAdd }> {
  if (asked !== undefined && !Object.hasOwn(kernelsBase64, asked)) {
    throw new Error(`wasm engine: multiplyAdd is "separate" or "fused"; given "${String(asked)}".`);
  }
  const fused = asked === "separate" ? undefined : bytesOf("fused");
  if (fused && (WebAssembly.validate(fused) || (enableRelaxedSimd() && WebAssembly.validate(fused)))) {
    return { module: await WebAssembly.compile(fused), multiplyAdd: "fused" };
  }
  if (asked === "fused") {
    throw new Error(
      'wasm engine: multiplyAdd "fused" needs relaxed SIMD, which this platform lacks; Node 20 and later and browsers of 2024 and later have it, ' +
        'and "separate" runs everywhere.',
    );
  }
  return { module: await WebAssembly.compile(bytesOf("separate")), multiplyAdd: "separate" };
}

function bytesOf(variant: MultiplyAdd): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(kernelsBase64[variant]), (byte) => byte.charCodeAt(0));
}
