/**
 * Fixtures on disk, in two schemas, brought to one form.
 *
 * `golden/v1`: a file holds many cases, each with an `op`. The other schema: a file is one case, with a `kind`. Both are read from
 * every `*.json` of a folder; a file that is neither is one unsupported case, a file that does not parse one failed case.
 */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { FloatType } from "../../src/tensor/engine.js";
import type { Tolerance } from "./compare.js";
import { Fields, isRecord, Unsupported, type Json } from "./fields.js";

export interface Fixture {
  /** File, without `.json`, and name: for people, never for dispatch. */
  readonly file: string;
  readonly name: string;
  /** What the case is dispatched on: `op`, or `kind`. */
  readonly op: string;
  readonly params: Fields;
  readonly inputs: Fields;
  /** Recorded results; gradients of `golden/v1` stand beside the outputs. */
  readonly expected: { readonly outputs: Record<string, Json>; readonly grads: Record<string, Json> };
  /** All entries of the file, this one included, for cases that continue another one. */
  readonly siblings: readonly Json[];
  /** What the case allows for an engine that computes in this type. */
  tolerance(float: FloatType): Tolerance;
}

/** A case that could not even be read. */
export interface Unreadable {
  readonly file: string;
  readonly name: string;
  readonly op: string;
  readonly problem: Error;
}

export type Loaded = Fixture | Unreadable;

/** Where a case states no tolerance: the usual one of its schema. */
const usual: Record<FloatType, Tolerance> = {
  float64: { relative: 1e-6, absolute: 1e-8 },
  float32: { relative: 1e-4, absolute: 1e-5 },
};

/** The other schema states float64 tolerances only; in float32 its description allows this (a scale of 64 amplifies rounding). */
const looseFloat32: Tolerance = { relative: 1e-3, absolute: 1e-4 };

/** All cases of a folder, files in alphabetical order. */
export async function loadFixtures(folder: string): Promise<Loaded[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  const files = await Promise.all(names.map(async (name) => loadFile(path.join(folder, name))));
  return files.flat();
}

async function loadFile(file: string): Promise<Loaded[]> {
  const name = path.basename(file, ".json");
  let content: Json;
  try {
    content = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    return [unreadable(name, name, error as Error)];
  }
  if (isRecord(content) && content.schema === "golden/v1" && Array.isArray(content.cases)) {
    const siblings = content.cases as readonly Json[];
    return siblings.map((entry, position) => guarded(name, `case ${position}`, () => caseOf(name, entry, siblings)));
  }
  if (isRecord(content) && content.schema === undefined && typeof content.kind === "string") {
    const { kind } = content;
    return [guarded(name, name, () => wholeFile(name, kind, content))];
  }
  return [unreadable(name, name, new Unsupported("the file is in neither of the two schemas"))];
}

function unreadable(file: string, name: string, problem: Error): Unreadable {
  return { file, name, op: "", problem };
}

function guarded(file: string, name: string, read: () => Fixture): Loaded {
  try {
    return read();
  } catch (error) {
    return unreadable(file, name, error as Error);
  }
}

/** One entry of `cases`. */
function caseOf(file: string, entry: Json, siblings: readonly Json[]): Fixture {
  const { name, op, dtype = "float64", params, inputs, outputs, grads, tol, ...rest } = record("case", entry);
  delete rest.notes;
  refuse(rest);
  if (dtype !== "float64" && dtype !== "float32") throw new Unsupported(`dtype is ${JSON.stringify(dtype)}`);
  const allowed = record("tol", tol);
  return {
    file,
    name: String(name),
    op: String(op),
    params: new Fields("params", record("params", params)),
    inputs: new Fields("inputs", record("inputs", inputs)),
    expected: { outputs: record("outputs", outputs), grads: record("grads", grads) },
    siblings,
    // a case that was computed in float32 is no more exact than that, whatever repeats it
    tolerance: (float) =>
      dtype === "float32" || float === "float32"
        ? toleranceOf(allowed.f32, "rtol", "atol", usual.float32)
        : toleranceOf(allowed.f64, "rtol", "atol", usual.float64),
  };
}

/** A file that is one case. */
function wholeFile(file: string, kind: string, content: Record<string, Json>): Fixture {
  const { name, params, inputs, outputs, tolerance, ...rest } = content;
  for (const known of ["kind", "source", "note"]) delete rest[known];
  refuse(rest);
  const stated = toleranceOf(tolerance, "rel", "abs", usual.float64);
  return {
    file,
    name: String(name),
    op: kind,
    params: new Fields("params", record("params", params)),
    inputs: new Fields("inputs", record("inputs", inputs)),
    expected: { outputs: record("outputs", outputs), grads: {} },
    siblings: [content],
    tolerance: (float) =>
      float === "float64"
        ? stated
        : {
            relative: Math.max(stated.relative, looseFloat32.relative),
            absolute: Math.max(stated.absolute, looseFloat32.absolute),
          },
  };
}

function record(name: string, value: Json): Record<string, Json> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw new Unsupported(`${name} is not an object`);
  return value;
}

function refuse(rest: Record<string, Json>): void {
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw new Unsupported(`the case has fields that are not known: ${unknown.join(", ")}`);
}

function toleranceOf(value: Json, relative: string, absolute: string, otherwise: Tolerance): Tolerance {
  if (value === undefined) return otherwise;
  if (!isRecord(value)) throw new Unsupported("the tolerance is not an object");
  const [r, a] = [value[relative], value[absolute]];
  if (typeof r !== "number" || typeof a !== "number") {
    throw new Unsupported(`the tolerance needs ${relative} and ${absolute}`);
  }
  return { relative: r, absolute: a };
}
