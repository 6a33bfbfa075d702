/**
 * The queue of the GPU engine against plain lists of numbers that are computed at once: what is read, what fails and who is told, what the
 * device holds, and how many calls may wait.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import type { DeviceMemory } from "../../src/tensor/engines/gpu/device.js";
import type { GpuEngine } from "../../src/tensor/engines/gpu/gpuEngine.js";
import { kernelOfText } from "../../src/tensor/engines/gpu/kernel.js";
import { openGpu } from "../../src/tensor/engines/gpu/openGpu.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { inEveryMode } from "../../test/tensor/engines/gpu/inEveryMode.js";
import {
  SIZE,
  queuePrograms,
  type Command,
  type CommandOnOne,
  type CommandOnTwo,
} from "../arbitraries/queuePrograms.js";
import { property } from "../property.js";

const broken = kernelOfText("brokenKernel", { arrays: 0 }, "function () { return y[0]; }");

/** What tensors that share storage share. */
interface Plain {
  /** Never changed but replaced, so that lists are the same where cells on the device are. */
  values: readonly number[];
  /** For ever. */
  failed: boolean;
}

interface Held {
  readonly tensor: Tensor;
  readonly plain: Plain;
}

/** A read that was asked for, and what it should find. */
interface Asked {
  readonly read: Promise<ArrayLike<number>>;
  readonly values: readonly number[];
}

/** Plays a program on the engine and on plain lists. */
class Play {
  private readonly held: Held[] = [];
  private readonly asked: Asked[] = [];
  /** A failure that nobody was told yet. */
  private untold = false;
  private readonly before: { readonly reads: number; readonly tensors: number; readonly memory: DeviceMemory };

  /** @param later whether reads are awaited at the end, and not one by one */
  constructor(
    private readonly engine: GpuEngine,
    private readonly later: boolean,
  ) {
    this.before = {
      reads: engine.traffic.reads,
      tensors: engine.memory().tensors,
      memory: engine.device.memory(),
    };
  }

  async run(program: readonly Command[]): Promise<void> {
    const { engine } = this;
    try {
      for (const command of program) await this.execute(command);
      for (const { tensor, plain } of this.held) await this.read(tensor, plain);
      for (const { read, values } of this.asked) assertNumbers(await read, values);
      await this.wait();
      if (this.later) assert.equal(engine.traffic.reads - this.before.reads, this.asked.length, "reads");
    } finally {
      for (const { tensor } of this.held) tensor.dispose();
      await Promise.allSettled([...this.asked.map(({ read }) => read), engine.ready()]); // nothing is left for the next program
    }
    this.held.length = 0;
    await this.wait();
  }

  private async execute(command: Command): Promise<void> {
    const { engine, held } = this;
    if (command.do === "wait") return this.wait();
    if (command.do === "fail") {
      this.untold = true;
      return this.hold(engine.launch(broken, [SIZE], [SIZE], []), { values: [], failed: true });
    }
    if (command.do === "make") {
      const values = [...command.values];
      this.hold(engine.tensor(values, [SIZE]), { values: [...values], failed: false });
      values.fill(99); // too late
      return;
    }
    if (held.length === 0) return;
    if ("other" in command) this.executeOnTwo(command);
    else await this.executeOnOne(command);
  }

  private async executeOnOne(command: CommandOnOne): Promise<void> {
    const { engine, held } = this;
    const { tensor, plain } = this.meant(command.which);
    switch (command.do) {
      case "read":
        return this.read(tensor, plain);
      case "share":
        return this.hold(tensor.share(), plain);
      case "reshape": {
        using column = tensor.reshape([SIZE, 1]);
        return this.hold(column.reshape([SIZE]), plain);
      }
      case "dispose":
        held.splice(command.which % held.length, 1);
        return tensor.dispose();
      case "negate": {
        const values = plain.values.map((value) => -value);
        return this.hold(engine.unary("negate", tensor), { values, failed: plain.failed });
      }
    }
  }

  private executeOnTwo(command: CommandOnTwo): void {
    const { engine } = this;
    const [{ tensor, plain }, { tensor: other, plain: theirs }] = [
      this.meant(command.which),
      this.meant(command.other),
    ];
    const failed = plain.failed || theirs.failed;
    const combined = (keep: number, add: number): number[] =>
      plain.values.map((value, i) => keep * value + add * theirs.values[i]);
    if (command.do === "blend") {
      engine.blend(tensor, command.keep, other, command.add);
      plain.values = combined(command.keep, command.add);
    } else if (command.do === "assign") {
      engine.assign(tensor, other);
      plain.values = theirs.values;
      plain.failed = theirs.failed; // what it was is forgotten, a failure too
      return;
    } else {
      return this.hold(engine.binary("add", tensor, other), { values: combined(1, 1), failed });
    }
    plain.failed = failed;
  }

  private async read(tensor: Tensor, { values, failed }: Plain): Promise<void> {
    const read = tensor.data();
    if (this.later) return void this.asked.push({ read, values });
    const { untold } = this;
    this.untold = false;
    if (failed || untold) await assert.rejects(read, /: brokenKernel failed: /);
    else assertNumbers(await read, values);
  }

  /** Then the device holds what the tensors have, once where they share it, and nothing else. */
  private async wait(): Promise<void> {
    const { engine, untold } = this;
    this.untold = false;
    if (untold) await assert.rejects(engine.ready(), /: brokenKernel failed: /);
    else await engine.ready();
    const storages = new Set(this.held.map(({ plain }) => plain));
    assert.equal(engine.memory().tensors - this.before.tensors, storages.size, "storages");
    if (engine.device.adapter !== undefined) return; // GPU.js has buffers of its own there
    const lists = new Set([...storages].map(({ values }) => values));
    const { buffers, bytes } = engine.device.memory();
    const { memory } = this.before;
    if (this.later || lists.size === 0) {
      assert.deepEqual([buffers - memory.buffers, bytes - memory.bytes], [lists.size, 4 * SIZE * lists.size], "memory");
    }
  }

  private hold(tensor: Tensor, plain: Plain): void {
    this.held.push({ tensor, plain });
  }

  private meant(which: number): Held {
    return this.held[which % this.held.length];
  }
}

/** 0 and −0 are the same number here. */
function assertNumbers(actual: ArrayLike<number>, expected: readonly number[]): void {
  assert.deepEqual(
    Array.from(actual, (value) => value + 0),
    expected.map((value) => value + 0),
  );
}

inEveryMode("a caller who goes on at once", (engine) => {
  property(
    "reads what was true when he asked, and holds what he has not given up",
    [queuePrograms(false)],
    (program) => new Play(engine(), true).run(program),
    { runs: 300 },
  );

  property(
    "is told of a failure at the next read, and at every read of what hangs on it, and at no other",
    [queuePrograms(true)],
    (program) => new Play(engine(), false).run(program),
    { runs: 300 },
  );
});

describe("a caller who never awaits", () => {
  property(
    "is refused the first call beyond the bound, and may go on when the queue is empty",
    [fc.integer({ min: 1, max: 40 })],
    async (mostQueued) => {
      const engine = await openGpu({ mode: "cpu", mostQueued });
      for (let turn = 0; turn < 2; turn++) {
        const made = Array.from({ length: mostQueued }, () => engine.full([1], 1));
        assert.throws(
          () => engine.full([1], 1),
          /operations are waiting, and at most \d+ may; call await engine\.ready\(\)/,
        );
        for (const tensor of made) tensor.dispose(); // to give back is never refused
        await engine.ready();
      }
      assert.deepEqual([engine.memory().tensors, engine.device.memory().bytes], [0, 0]);
      await engine.close();
    },
    { runs: 10 },
  );
});
