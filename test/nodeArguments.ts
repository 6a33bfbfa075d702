/** How a test runs a module of this project in a process of its own. */
import { fileURLToPath } from "node:url";

/**
 * What stands before the program: the loader of TypeScript where the tests run from their sources, and nothing where they
 * were compiled (scripts/compile.mjs).
 *
 * @param module from `import.meta.resolve`, which names the source in the first case and the compiled module in the second
 */
export function loaderFor(module: string): string[] {
  return module.endsWith(".ts") ? ["--import", "tsx"] : ["--enable-source-maps"];
}

/** The arguments by which node runs that module as a program. */
export function nodeArguments(module: string): string[] {
  return [...loaderFor(module), fileURLToPath(module)];
}
