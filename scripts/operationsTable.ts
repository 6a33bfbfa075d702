/**
 * `npm run operations`: writes docs/operations.md from the list of operations.
 *
 * The columns of errors tell how many roundings are on the way, and where digits cancel: `RoundoffEngine` derives them from forward and
 * backward.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Operation } from "../src/autograd/index.js";
import { operations } from "../src/operations.js";
import { samplesOf } from "../property-tests/arbitraries/operationCall.js";
import { bounds, type Answer, type Bounds } from "../property-tests/operations/answer.js";

const target = fileURLToPath(new URL("../docs/operations.md", import.meta.url));

/** The text of docs/operations.md. */
export function operationsTable(): string {
  const samples = operations.reduce((sum, { definition }) => sum + definition.samples.length, 0);
  return [
    "# Operations",
    "",
    "Written by `npm run operations` from the one list, `src/operations.ts`; `npm test` fails where this page is not what the list says.",
    "",
    `${operations.length} operations, ${samples} samples. Each is tested in \`property-tests/operations\`, on its samples and on generated calls: parity of every`,
    "float32 engine with float64; gradients against central differences in float64, and along directions in float32; the adjoint identity",
    "⟨A x, y⟩ = ⟨x, Aᵀ y⟩ in every input in which it is linear; backward is linear in dy; the same call twice gives the same bits.",
    "",
    "**Linear in**: inputs in which it is linear, up to a summand without them, while the others stay as they are. **Error**: what float32 may lose at",
    "most in the samples, as a multiple of 2⁻²⁴ of the largest element; *exact* promises equal bits. No tolerance is chosen by hand: every test derives it for",
    "each element, from how forward and backward are written (`src/tensor/engines/roundoff`). **Kinks**: where the derivative jumps, and what is taken there.",
    "",
    "| operation | shapes | linear in | error of y | error of gradients | samples | kinks |",
    "|---|---|---|---|---|---|---|",
    ...operations.map(row),
    "",
  ].join("\n");
}

function row(operation: Operation): string {
  const { name, signature, linearIn, withoutDerivative = [], kinks = "", samples } = operation.definition;
  const errors = samplesOf(operation).map((call) => bounds(operation, call));
  const ofY = errorOf(errors, ({ y }) => y);
  const inputs = Math.max(...samples.map((sample) => sample.inputs.length));
  const ofGradients = Array.from({ length: inputs }, (_, position) =>
    withoutDerivative.includes(position) ? "none" : errorOf(errors, ({ gradients }) => gradients[position] ?? []),
  );
  const linear = linearIn === "all" ? "all" : (linearIn?.join(", ") ?? "");
  const cells = [`\`${name}\``, signature, linear, ofY, ofGradients.join(", "), String(samples.length), kinks];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** The largest bound of all samples against their largest element, in units of 2⁻²⁴, with two digits. */
function errorOf(samples: readonly Bounds[], part: (answer: Answer) => ArrayLike<number>): string {
  const largest = (which: "exact" | "allowed"): number =>
    Math.max(0, ...samples.flatMap((sample) => Array.from(part(sample[which]), Math.abs)));
  const error = largest("allowed");
  return error === 0 ? "exact" : String(Number((error / largest("exact") / 2 ** -24).toPrecision(2)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(target, operationsTable());
  console.log(`wrote ${path.relative(process.cwd(), target)}: ${operations.length} operations`);
}
