/**
 * The ESLint rule behind "arrows go one way" (docs/architecture.md): which room of `src` may import which.
 *
 * ESLint's own `no-restricted-imports` compares the written path with patterns, so `../data/x.js` means another thing in
 * every folder, and it does not see `import("…")`. This rule resolves the path first. Rooms that are not in the table
 * are reported: whoever adds a room says where it stands. Imports inside a room are free; a type counts like a value.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src", import.meta.url));

const paper = ["pfc", "nn", "autograd", "tensor", "ranks"];

/** Room → the rooms it may import. `tensor/random.ts` alone opens to everybody: randomness is a value, not a tensor. */
const mayImport = {
  tensor: [],
  autograd: ["tensor"],
  ranks: ["tensor"],
  nn: ["autograd", "tensor", "ranks"],
  pfc: ["nn", "autograd", "tensor", "ranks"],
  unicom: paper,
  crfiqa: paper,
  cfcd: paper,
  data: [],
  evaluation: [],
  training: ["data", "evaluation", "unicom", "crfiqa", "cfcd", ...paper],
  benchmark: ["training", "data", "evaluation", ...paper],
  cli: ["benchmark", "training", "data", "evaluation", "unicom", "crfiqa", "cfcd", ...paper],
};

/** These are written against the contract (src/tensor/engine.ts) and never name an engine. */
const knowsNoEngine = ["autograd", "nn", "pfc", "unicom", "crfiqa", "cfcd", "data", "evaluation"];

/** `src/nn/layers/linear.ts` → { room: "nn", rest: "layers/linear.ts" }; undefined outside `src` and for `src/index.ts`. */
function place(file) {
  const relative = path.relative(source, file).split(path.sep);
  if (relative[0] === ".." || path.isAbsolute(relative[0]) || relative.length < 2) return undefined;
  return { room: relative[0], rest: relative.slice(1).join("/") };
}

/** What is wrong with an import of `to` by a file of the room `from`, or undefined. */
function fault(from, to) {
  if (!(from in mayImport))
    return `the room ${from} is not in the table of scripts/roomArrows.mjs; add it and the rooms it may import`;
  if (from === to.room || (to.room === "tensor" && /^random(\.[jt]s$|\/)/.test(to.rest))) return undefined;
  if (!mayImport[from].includes(to.room)) {
    const allowed = mayImport[from].length > 0 ? mayImport[from].join(", ") : "no other room (but tensor/random)";
    return `${from} must not import ${to.room}; it may import ${allowed}`;
  }
  if (to.room === "tensor" && to.rest.startsWith("engines/") && knowsNoEngine.includes(from)) {
    return `${from} must not import an engine; it is given one and knows its contract only (src/tensor/engine.ts)`;
  }
  return undefined;
}

export const roomArrows = {
  meta: { type: "problem", schema: [], docs: { description: "rooms of src import each other in one direction only" } },
  create(context) {
    const file = context.filename;
    const from = place(file);
    if (from === undefined) return {};

    function check(literal) {
      if (typeof literal?.value !== "string" || !literal.value.startsWith(".")) return;
      const target = path.resolve(path.dirname(file), literal.value);
      const to = place(target);
      if (to === undefined) {
        const where = path.relative(path.dirname(source), target);
        context.report({ node: literal, message: `A room imports rooms, and packages by name; this is ${where}.` });
        return;
      }
      const problem = fault(from.room, to);
      if (problem !== undefined) context.report({ node: literal, message: `Arrows go one way: ${problem}.` });
    }

    return {
      ImportDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
    };
  },
};
