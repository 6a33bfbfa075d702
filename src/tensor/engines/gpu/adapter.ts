/** What an adapter calls itself, and whether it is a GPU at all. */

/** Software that acts as a GPU, by the names it gives itself. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** True where the processor does the work. */
export function isSoftware({ vendor, architecture, device, description, isFallbackAdapter }: GPUAdapterInfo): boolean {
  return isFallbackAdapter || isSoftwareName([vendor, architecture, device, description].join(" "));
}

/** The same where a name is all there is. */
export function isSoftwareName(name: string): boolean {
  return SOFTWARE.test(name);
}

/** Such as "NVIDIA H100 80GB HBM3", "SwiftShader Device (software)". */
export function describeAdapter(info: GPUAdapterInfo): string {
  const { vendor, architecture, device, description } = info;
  const name =
    description || [vendor, architecture, device].filter((part) => part !== "").join(" ") || "adapter without a name";
  return describeName(name, isSoftware(info));
}

export function describeName(name: string, software = isSoftwareName(name)): string {
  return software ? `${name} (software)` : name;
}
