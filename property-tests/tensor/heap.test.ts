/** The allocator of the wasm engine against a model: a list of the blocks that are taken. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { Heap, sizeClass } from "../../src/tensor/engines/wasm/heap.js";
import { property } from "../property.js";

/** The most memory of a heap, in pages of 64 KiB: small, so that the limit is reached. */
const PAGES = 20;
const START = 1536;

type Step = { readonly take: number } | { readonly giveBack: number };

/** Sizes repeat, as those of a training step do, so that blocks are used again; some are as large as the heap. */
const steps: fc.Arbitrary<Step[]> = fc
  .array(fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 200_000 }), fc.constant(PAGES * 65_536)), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((sizes) =>
    fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...sizes).map((take) => ({ take })) },
        { weight: 4, arbitrary: fc.nat().map((giveBack) => ({ giveBack })) },
      ),
      { maxLength: 150, size: "max" },
    ),
  );

interface Block {
  readonly pointer: number;
  readonly bytes: number;
}

function newHeap(): Heap {
  const heap = new Heap(PAGES);
  heap.startAt(START);
  return heap;
}

/** Every block is where it may be, and on no other block. */
function assertApart(blocks: readonly Block[], heap: Heap): void {
  const ascending = [...blocks].sort((a, b) => a.pointer - b.pointer);
  for (const [position, { pointer, bytes }] of ascending.entries()) {
    assert.equal(pointer % 64, 0);
    assert.ok(pointer >= START && pointer + bytes <= heap.reserved, `${bytes} bytes at ${pointer} of ${heap.reserved}`);
    const next = ascending.at(position + 1);
    if (next)
      assert.ok(pointer + sizeClass(bytes) <= next.pointer, `${bytes} bytes at ${pointer}, others at ${next.pointer}`);
  }
}

/** Takes and gives back; refusals are passed over. Returns the blocks left. */
function play(heap: Heap, played: readonly Step[], after: (blocks: readonly Block[]) => void): Block[] {
  const blocks: Block[] = [];
  for (const step of played) {
    if ("take" in step) {
      try {
        blocks.push({ pointer: heap.allocate(step.take), bytes: step.take });
      } catch (error) {
        assert.match((error as Error).message, /out of memory: \d+ bytes asked for/);
      }
    } else if (blocks.length > 0) {
      const [{ pointer }] = blocks.splice(step.giveBack % blocks.length, 1);
      heap.release(pointer);
    }
    after(blocks);
  }
  return blocks;
}

describe("the heap", () => {
  property("never hands out a byte twice, and counts what is in use", [steps], (played) => {
    const heap = newHeap();
    let peak = 0;
    play(heap, played, (blocks) => {
      assertApart(blocks, heap);
      const inUse = blocks.reduce((sum, { bytes }) => sum + sizeClass(bytes), 0);
      peak = Math.max(peak, inUse);
      assert.deepEqual([heap.inUse, heap.peak, heap.room()], [inUse, peak, PAGES * 65_536 - inUse]);
    });
  });

  property("gives all its memory in one piece again, once everything was given back", [steps], (played) => {
    const heap = newHeap();
    for (const { pointer } of play(heap, played, () => {})) heap.release(pointer);
    assert.equal(heap.inUse, 0);
    const largestThatFits = 9 * 2 ** 17; // the next class is all of the 20 pages
    assert.equal(sizeClass(largestThatFits), largestThatFits);
    heap.allocate(largestThatFits);
  });

  property("keeps what was written to a block while others come and go", [steps], (played) => {
    const heap = newHeap();
    const marks = new Map<number, number>();
    let mark = 0;
    play(heap, played, (blocks) => {
      for (const { pointer, bytes } of blocks) {
        if (bytes < 4) continue;
        const last = (pointer + 4 * (Math.floor(bytes / 4) - 1)) / 4;
        if (marks.has(pointer)) assert.equal(heap.integers[last], marks.get(pointer));
        else marks.set(pointer, (heap.integers[last] = ++mark));
      }
      const live = new Set(blocks.map(({ pointer }) => pointer));
      for (const pointer of marks.keys()) if (!live.has(pointer)) marks.delete(pointer);
    });
  });

  property(
    "takes no new memory for sizes it has had before",
    [fc.array(fc.nat({ max: 5000 }), { maxLength: 20 }), fc.nat()],
    (sizes, turn) => {
      const heap = newHeap();
      const once = (order: readonly number[]): void =>
        order.map((bytes) => heap.allocate(bytes)).forEach((pointer) => heap.release(pointer));
      once(sizes);
      const { reserved, peak } = heap;
      const cut = sizes.length === 0 ? 0 : turn % sizes.length;
      for (let round = 0; round < 5; round++) once([...sizes.slice(cut), ...sizes.slice(0, cut)]);
      assert.deepEqual([heap.reserved, heap.peak], [reserved, peak]);
    },
  );

  property(
    "wastes less than 64 bytes or an eighth of a block, and never gives less than is asked for",
    [fc.integer({ min: 1, max: 2 ** 32 - 1 })],
    (bytes) => {
      const size = sizeClass(bytes);
      assert.ok(size >= bytes && size % 64 === 0 && sizeClass(size) === size);
      assert.ok(size - bytes < Math.max(64, bytes / 8), `${bytes} bytes take ${size}`);
    },
    { runs: 1000 },
  );
});
