/**
 * What an engine costs beside arithmetic: calling an operation that has next to nothing to do, and moving one number to it and back.
 *
 * On a GPU these decide how small a network may be before its steps wait for calls and not for sums.
 */
import type { Engine } from "../tensor/engine.js";
import type { KernelGroup } from "./kernelGroup.js";
import { randomTensor } from "./randomTensor.js";

/** Operations in a chain: each waits for the one before, as those of a network do. */
const CHAIN = 1000;

export function overheadGroups(engine: Engine): KernelGroup[] {
  return [chainGroup(engine), readGroup(engine), uploadGroup(engine), smallGroup(engine)];
}

/** An addition is a call; a sample is the whole chain, and the wait for its end. */
function chainGroup(engine: Engine): KernelGroup {
  const name = `dispatch: one of ${CHAIN} chained additions of 64 numbers`;
  return {
    names: [name],
    open: () => {
      const step = randomTensor(engine, [64], "step");
      let sum = engine.full([64], 0);
      const run = (): void => {
        const next = engine.binary("add", sum, step);
        sum.dispose();
        sum = next;
      };
      const dispose = (): void => {
        sum.dispose();
        step.dispose();
      };
      return { works: [{ name, calls: CHAIN, run }], dispose };
    },
  };
}

/** The wait for one number, with nothing queued before it. */
function readGroup(engine: Engine): KernelGroup {
  const name = "read: one number";
  return {
    names: [name],
    open: () => {
      const x = randomTensor(engine, [1], "x");
      const run = async (): Promise<void> => {
        await x.data();
      };
      return { works: [{ name, run }], dispose: () => x.dispose() };
    },
  };
}

/** Calls only queue; the wait at the end of a sample is for all of them. */
function uploadGroup(engine: Engine): KernelGroup {
  const name = "upload: one number";
  let value = 0;
  const run = (): void => engine.tensor([value++], [1]).dispose();
  return { names: [name], open: () => ({ works: [{ name, calls: CHAIN, run }], dispose: () => undefined }) };
}

/** What an operation costs beside its arithmetic: a tensor, a scope's list, a call into wasm. */
function smallGroup(engine: Engine): KernelGroup {
  const name = "small operation: 2x + 1 of four numbers";
  return {
    names: [name],
    open: () => {
      const x = randomTensor(engine, [4], "x");
      const run = (): void => engine.affine(x, 2, 1).dispose();
      return { works: [{ name, run }], dispose: () => x.dispose() };
    },
  };
}
