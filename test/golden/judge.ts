/** Repeats one case on every engine asked for, and says what came of it. */
import type { Engine } from "../../src/tensor/engine.js";
import { families } from "./cases/index.js";
import { compare, type Comparison } from "./compare.js";
import type { Plan, Results } from "./family.js";
import { Unsupported } from "./fields.js";
import type { Fixture, Loaded } from "./fixture.js";

export interface Verdict {
  readonly kind: "passed" | "failed" | "unsupported";
  /** What differs, or what is not known; of a passed case, anything that a reader should know. */
  readonly remark: string;
  /** Engines that were asked for and cannot repeat the case, or one of its ways, where others did. */
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  readonly engine: string;
  readonly reason: string;
}

export interface JudgeOptions {
  readonly engines: readonly Engine[];
  /** Cases that take minutes on plain loops run there too. */
  readonly slow: boolean;
}

/** Differences named for each engine. */
const NAMED = 3;

/** A case passes if it passes on every engine that can repeat it; where none can, it is unsupported. */
export async function judge(loaded: Loaded, options: JudgeOptions): Promise<Verdict> {
  try {
    if ("problem" in loaded) throw loaded.problem;
    return await judgeOnEngines(loaded, prepare(loaded), options);
  } catch (error) {
    return verdictOf(error as Error);
  }
}

/** How the case is repeated; throws `Unsupported` where something in it is not known. */
export function prepare(fixture: Fixture): Plan {
  const { op, params, inputs } = fixture;
  if (!Object.hasOwn(families, op)) throw new Unsupported(`"${op}" is not known`);
  const plan = families[op](fixture);
  params.finish();
  inputs.finish();
  return plan;
}

async function judgeOnEngines(fixture: Fixture, plan: Plan, { engines, slow }: JudgeOptions): Promise<Verdict> {
  const able: { readonly engine: Engine; readonly way?: string; readonly who: string }[] = [];
  const leftOut: LeftOut[] = [];
  for (const engine of engines) {
    const reason = obstacle(plan, engine, slow);
    if (reason !== undefined) {
      leftOut.push({ engine: engine.name, reason });
      continue;
    }
    for (const way of plan.ways ?? [undefined]) {
      const who = way === undefined ? engine.name : `${engine.name}, ${way}`;
      const read = engine.kind === "gpu" ? plan.atOnce?.(way) : undefined;
      if (read === undefined) able.push({ engine, way, who });
      else leftOut.push({ engine: who, reason: `${read}, which needs an engine that computes at once` });
    }
  }
  const remark = leftOut.map(({ engine, reason }) => `not on ${engine}: ${reason}`).join("\n");
  if (able.length === 0) throw new Unsupported(remark);
  const problems: string[] = [];
  for (const { engine, way, who } of able) {
    const differences = await repeat(fixture, plan, engine, way);
    if (differences.length === 0) continue;
    const more = differences.length > NAMED ? `; and ${differences.length - NAMED} more` : "";
    problems.push(`${who}: ${differences.slice(0, NAMED).join("; ")}${more}`);
  }
  if (problems.length > 0) return { kind: "failed", remark: problems.join("\n"), leftOut };
  return { kind: "passed", remark, leftOut };
}

/** Why this engine cannot repeat the case in any way; undefined where it can. */
function obstacle(
  { slow: takesMinutes = false, ranks = 1 }: Plan,
  { kind }: Engine,
  slow: boolean,
): string | undefined {
  if (takesMinutes && !slow && kind === "reference") return "takes minutes on plain loops; --slow";
  if (ranks > 1 && kind === "gpu") return "several ranks in one process need an engine that computes at once";
  return undefined;
}

/** What differs on one engine, computed in one way. */
async function repeat(fixture: Fixture, plan: Plan, engine: Engine, way?: string): Promise<string[]> {
  let results: Results;
  try {
    results = await plan.run(engine, way);
    await engine.ready(); // so that a failure that nobody read is not the next case's
  } catch (error) {
    await engine.ready().catch(() => undefined);
    if (error instanceof Unsupported) throw error;
    return [`stopped: ${(error as Error).message}`];
  }
  const comparison: Comparison = { compared: 0, differences: [] };
  const tolerance = fixture.tolerance(engine.float);
  const { outputs, grads } = fixture.expected;
  compare("outputs", results.outputs, outputs, tolerance, comparison);
  compare("grads", results.grads ?? {}, grads, tolerance, comparison);
  if (comparison.compared === 0) throw new Unsupported("nothing is recorded to compare with");
  return comparison.differences;
}

function verdictOf(error: Error): Verdict {
  return error instanceof Unsupported
    ? { kind: "unsupported", remark: error.message, leftOut: [] }
    : { kind: "failed", remark: error.message, leftOut: [] };
}
