/**
 * node:test in a page: the same words declare tests, which wait until `runTests` runs them one after another and says how each ended.
 *
 * Environment: PROPERTY_NAME (the only test to run, `npm run property -- FILE --name NAME`).
 */

type Body = () => unknown;

/** Of node's options, those that a page heeds. */
interface TestOptions {
  readonly skip?: boolean | string;
}

export interface Outcome {
  /** With those of the suites around it. */
  readonly name: string;
  /** Why it was left out. */
  readonly skipped?: string;
  /** Why it failed. */
  readonly failure?: string;
}

interface Suite {
  readonly name: string;
  readonly skip: boolean | string;
  readonly parts: (() => Promise<void>)[];
  readonly hooks: Record<"before" | "after" | "beforeEach" | "afterEach", Body[]>;
}

const outcomes: Outcome[] = [];
let current = suite("", false);
const top = current;

function suite(name: string, skip: boolean | string): Suite {
  return { name, skip, parts: [], hooks: { before: [], after: [], beforeEach: [], afterEach: [] } };
}

export function describe(name: string, ...rest: [Body] | [TestOptions, Body]): void {
  const { options, body } = bodyLast(rest);
  const outer = current;
  outer.parts.push(async () => {
    const inner = suite(joined(outer.name, name), options.skip || outer.skip);
    current = inner;
    const failure = await failureOf([body]);
    current = outer;
    if (failure === undefined) await runSuite(inner);
    else outcomes.push({ name: inner.name, failure });
  });
}

export function it(name: string, ...rest: [Body] | [TestOptions, Body]): void {
  if (name !== (process.env.PROPERTY_NAME ?? name)) return;
  const { options, body } = bodyLast(rest);
  const around = current;
  const skip = options.skip || around.skip;
  around.parts.push(async () => {
    const full = joined(around.name, name);
    if (skip !== false) outcomes.push({ name: full, skipped: String(skip) });
    else
      outcomes.push({
        name: full,
        failure: await failureOf([...around.hooks.beforeEach, body, ...around.hooks.afterEach]),
      });
  });
}

export const before = (body: Body): unknown => current.hooks.before.push(body);
export const after = (body: Body): unknown => current.hooks.after.push(body);
export const beforeEach = (body: Body): unknown => current.hooks.beforeEach.push(body);
export const afterEach = (body: Body): unknown => current.hooks.afterEach.push(body);
export { describe as suite, it as test };

/** All tests that were declared. */
export async function runTests(): Promise<readonly Outcome[]> {
  await runSuite(top);
  return outcomes;
}

/** Where what comes before them fails, its tests are not run: that failure stands for them. */
async function runSuite({ name, parts, hooks }: Suite): Promise<void> {
  const before = await failureOf(hooks.before);
  if (before !== undefined) outcomes.push({ name: joined(name, "before"), failure: before });
  else for (const part of parts) await part();
  const after = await failureOf(hooks.after);
  if (after !== undefined) outcomes.push({ name: joined(name, "after"), failure: after });
}

async function failureOf(bodies: readonly Body[]): Promise<string | undefined> {
  try {
    for (const body of bodies) await body();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function joined(around: string, name: string): string {
  return around === "" ? name : `${around} > ${name}`;
}

function bodyLast(rest: [Body] | [TestOptions, Body]): { options: TestOptions; body: Body } {
  return rest.length === 1 ? { options: {}, body: rest[0] } : { options: rest[0], body: rest[1] };
}
