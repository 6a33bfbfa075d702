/**
 * The linter: what the compiler does not see and a reviewer should not have to.
 *
 * Layout is prettier's; types are tsc's. Here: promises that nobody awaits, `any` that leaks, arrows between the rooms of
 * `src`, randomness without a name, default exports. AssemblyScript kernels and generated files stand outside.
 */
import { fileURLToPath } from "node:url";
import tseslint from "typescript-eslint";
import { roomArrows } from "./scripts/roomArrows.mjs";

const root = fileURLToPath(new URL(".", import.meta.url));
const workersAndScripts = ["**/*.{js,mjs}"];

/** Everywhere, with or without types. */
const house = {
  plugins: { house: { rules: { "room-arrows": roomArrows } } },
  rules: {
    eqeqeq: "error",
    "no-var": "error",
    "prefer-const": "error",
    "house/room-arrows": "error",
    "no-restricted-properties": [
      "error",
      {
        object: "Math",
        property: "random",
        message: "Randomness is a value: take a named stream (src/tensor/random.ts).",
      },
    ],
    "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Exports have names here." }],
  },
};

const typed = {
  files: ["**/*.ts"],
  extends: [tseslint.configs.recommendedTypeChecked],
  languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: root } },
  rules: {
    "@typescript-eslint/no-floating-promises": [
      "error",
      {
        // node's runner waits for these by itself
        allowForKnownSafeCalls: [
          {
            from: "package",
            package: "node:test",
            name: ["test", "it", "describe", "suite", "before", "after", "beforeEach", "afterEach"],
          },
        ],
      },
    ],
    "@typescript-eslint/no-explicit-any": "error",
    "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
    "@typescript-eslint/consistent-type-exports": "error",
    "@typescript-eslint/no-import-type-side-effects": "error",
    "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    // The compiler reports the unused (noUnusedLocals, noUnusedParameters).
    "@typescript-eslint/no-unused-vars": "off",
    // A method that a contract declares asynchronous may have nothing to wait for.
    "@typescript-eslint/require-await": "off",
  },
};

export default tseslint.config(
  {
    ignores: [
      "node_modules/",
      "dist/",
      "compiled/",
      "dist-gpu/",
      "runs/",
      "coverage/",
      "src/tensor/engines/wasm/{generated,kernels}/",
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  house,
  typed,
  {
    // A file that grows towards 400 lines usually holds two ideas.
    files: ["src/**/*.ts"],
    rules: { "max-lines": ["error", { max: 400 }] },
  },
  { files: workersAndScripts, languageOptions: { sourceType: "module", ecmaVersion: 2023 } },
  { files: ["eslint.config.js"], rules: { "no-restricted-syntax": "off" } }, // ESLint reads the default export
);
