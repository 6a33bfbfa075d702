/** Two places where the shaders that GPU.js writes for WebGL2 are no valid GLSL, put right. */
import type { Helper, ScalarType } from "./kernel.js";

const GLSL: Readonly<Record<ScalarType, string>> = { Integer: "int", Number: "float" };

/** What declares the helpers: GPU.js writes them in an order in which some are called before they stand there. */
export function declarations(helpers: readonly Helper[]): string {
  return helpers
    .map(({ name, settings: { argumentTypes, returnType } }) => {
      const parameters = argumentTypes.map((type) => GLSL[type]).join(", ");
      return `${GLSL[returnType]} ${name}(${parameters});\n`;
    })
    .join("");
}

/** Addresses that are made of an element of another array: GPU.js names them before their use, which is right, and as float, which never is. */
export function withWholeAddresses(shader: string): string {
  return shader.replace(/\bfloat (hoisted_\d+_)/g, "int $1");
}
