/**
 * Scopes against a model of who owns what: nothing is left behind, nothing is released too early, and what is still there has its
 * numbers.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import { Variable } from "../../src/autograd/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { scopePrograms, type ScopeStatement, type Statement } from "../arbitraries/scopePrograms.js";
import { engines } from "../engines.js";
import { property } from "../property.js";

/** What should be true of a tensor. */
interface Expected {
  readonly tensor: Tensor;
  readonly values: readonly number[];
  /** Tensors of one storage have one number. */
  readonly storage: number;
  live: boolean;
  /** The scope that will release it; undefined: nobody, until it is disposed. */
  owner: symbol | undefined;
}

class FailedOnPurpose extends Error {}

/** Runs a program and says at every step what should be true. */
class Run {
  private readonly all: Expected[] = [];
  private readonly open: symbol[] = [];
  private storages = 0;
  private readonly before: number;

  constructor(private readonly engine: Engine) {
    this.before = engine.memory().tensors;
  }

  play(program: readonly Statement[]): void {
    for (const statement of program) {
      this.execute(statement);
      this.check();
    }
  }

  /** Gives up what is left, which the caller owns. */
  finish(): void {
    for (const expected of this.all) {
      expected.tensor.dispose();
      expected.live = false;
    }
    this.check();
  }

  private execute(statement: Statement): void {
    if (statement.do === "scope") return this.scope(statement);
    if (statement.do === "make") {
      const values = Array.from({ length: statement.size }, (_, i) => 1000 * this.all.length + i);
      return this.add(this.engine.tensor(values, [statement.size]), values, this.storages++);
    }
    const meant = this.meant(statement.which);
    if (meant === undefined) return;
    const { tensor, values, storage, live } = meant;
    if (statement.do === "dispose") {
      tensor.dispose(); // harmless when repeated
      meant.live = false;
    } else if (statement.do === "keep") {
      this.engine.keep(tensor);
      meant.owner = undefined;
    } else {
      const use = (): void => {
        if (statement.do === "negate")
          this.add(
            this.engine.unary("negate", tensor),
            values.map((x) => -x),
            this.storages++,
          );
        else if (statement.do === "share") this.add(tensor.share(), values, storage);
        else if (statement.do === "reshape") this.add(tensor.reshape([1, -1, 1]), values, storage);
        else assert.deepEqual([...tensor.dataSync()], values);
      };
      if (live) use();
      else assert.throws(use, /was already released/);
    }
  }

  private scope({ body, returned, as, fails }: ScopeStatement): void {
    const scope = Symbol("scope");
    let handedOver: Expected[] = [];
    this.open.push(scope);
    const parent = this.open.at(-2);
    try {
      this.engine.scope(() => {
        this.play(body);
        if (fails) throw new FailedOnPurpose();
        handedOver = returned.flatMap((which) => this.meant(which) ?? []);
        return wrapped(
          handedOver.map(({ tensor }) => tensor),
          as,
        );
      });
    } catch (error) {
      if (!(error instanceof FailedOnPurpose)) throw error;
    }
    this.open.pop();
    for (const expected of this.all.filter(({ owner, live }) => live && owner === scope)) {
      if (handedOver.includes(expected)) expected.owner = parent;
      else expected.live = false;
    }
  }

  private meant(which: number): Expected | undefined {
    return this.all[which % Math.max(1, this.all.length)];
  }

  private add(tensor: Tensor, values: readonly number[], storage: number): void {
    this.all.push({ tensor, values, storage, live: true, owner: this.open.at(-1) });
  }

  /** Every tensor is live or released as it should be, every live one has its numbers, and no storage is left over. */
  private check(): void {
    for (const { tensor, live, values } of this.all) {
      assert.equal(tensor.disposed, !live);
      if (live) assert.deepEqual([...tensor.dataSync()], values);
    }
    const storages = new Set(this.all.filter(({ live }) => live).map(({ storage }) => storage));
    assert.equal(this.engine.memory().tensors - this.before, storages.size);
  }
}

/** In the ways in which functions return tensors. */
function wrapped(tensors: readonly Tensor[], as: ScopeStatement["as"]): unknown {
  if (as === "list") return tensors;
  if (as === "object") return { inner: { ...tensors }, text: "beside", nothing: undefined };
  return tensors.map((tensor) => new Variable(tensor, false));
}

describe("scopes", () => {
  property(
    "release what was made in them, at their end and not before, but for what was kept or returned",
    [scopePrograms()],
    (program) => {
      for (const engine of engines) {
        const { inUse } = engine.memory();
        const run = new Run(engine);
        run.play(program);
        run.finish();
        assert.equal(engine.memory().inUse, inUse, engine.name);
      }
    },
    { runs: 300 },
  );
});
