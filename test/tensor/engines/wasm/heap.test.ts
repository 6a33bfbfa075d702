import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Heap, sizeClass } from "../../../../src/tensor/engines/wasm/heap.js";
import { stream } from "../../../../src/tensor/random.js";

function newHeap(pages?: number): Heap {
  const heap = new Heap(pages);
  heap.startAt(1500);
  return heap;
}

describe("heap", () => {
  it("hands out blocks at multiples of 64 that do not overlap, in any order of taking and giving back", () => {
    const heap = newHeap();
    const random = stream("heap");
    const live = new Map<number, number>();
    for (let round = 0; round < 5000; round++) {
      if (live.size > 0 && random.uniform() < 0.45) {
        const [pointer] = [...live.keys()].slice(random.integer(live.size));
        live.delete(pointer);
        heap.release(pointer);
      } else {
        const bytes = Math.floor(2 ** (random.uniform() * 18));
        const pointer = heap.allocate(bytes);
        assert.equal(pointer % 64, 0);
        assert.ok(pointer >= 1500);
        assert.ok(pointer + bytes <= heap.reserved);
        live.set(pointer, bytes);
      }
    }
    const blocks = [...live].sort(([a], [b]) => a - b);
    for (const [position, [pointer, bytes]] of blocks.slice(0, -1).entries()) {
      assert.ok(pointer + bytes <= blocks[position + 1][0]);
    }
  });

  it("wastes at most an eighth of a block, or less than 64 bytes", () => {
    for (let bytes = 1; bytes < 2 ** 31; bytes = Math.ceil(bytes * 1.01)) {
      const size = sizeClass(bytes);
      assert.ok(size >= bytes && size % 64 === 0);
      assert.ok(size - bytes < Math.max(64, bytes / 8), `${bytes} bytes take ${size}`);
    }
  });

  it("uses a released block again for the same size", () => {
    const heap = newHeap();
    const pointers = [heap.allocate(5000), heap.allocate(5000)];
    const { reserved } = heap;
    for (const pointer of pointers) heap.release(pointer);
    assert.deepEqual([heap.allocate(5000), heap.allocate(4990)].sort(), [...pointers].sort());
    assert.equal(heap.reserved, reserved);
  });

  it("gives zeros, also where something was before", () => {
    const heap = newHeap();
    const used = heap.allocate(5000);
    heap.floats.fill(7, used / 4, used / 4 + 1250);
    heap.release(used);
    assert.equal(heap.allocateZeros(5000), used);
    const fresh = heap.allocateZeros(100_000);
    for (const [pointer, bytes] of [
      [used, 5000],
      [fresh, 100_000],
    ] as const) {
      assert.ok(heap.floats.subarray(pointer / 4, (pointer + bytes) / 4).every((value) => value === 0));
    }
  });

  it("grows by no more than is asked for, if told so", () => {
    const heap = new Heap(undefined, "exact");
    heap.startAt(1500);
    heap.allocate(2 ** 24);
    assert.equal(heap.reserved, 2 ** 24 + 65_536);
  });

  it("grows by pages and keeps what is in it", () => {
    const heap = newHeap();
    const first = heap.allocate(4);
    heap.floats[first / 4] = 42;
    const pages = heap.reserved / 65_536;
    const large = heap.allocate(10 * heap.reserved);
    assert.ok(heap.reserved / 65_536 > 10 * pages);
    assert.equal(heap.floats.buffer.byteLength, heap.reserved, "the views are of the grown memory");
    assert.equal(heap.floats[first / 4], 42);
    heap.floats[large / 4] = 7;
    assert.equal(heap.integers[large / 4], 0x40e00000); // the bits of 7
  });

  it("reaches addresses above 2 GiB", () => {
    const heap = newHeap();
    heap.allocate(2 ** 31);
    const high = heap.allocate(64);
    assert.ok(high > 2 ** 31);
    heap.floats[high / 4] = 5;
    assert.equal(heap.floats[high / 4], 5);
    heap.release(high);
    assert.equal(heap.allocate(64), high);
  });

  it("joins released neighbours before it gives up", () => {
    const heap = newHeap(16); // 1 MiB
    const small = Array.from({ length: 15 }, () => heap.allocate(65_536));
    assert.throws(() => heap.allocate(200_000), /out of memory/);
    for (const pointer of small.slice(2, 8)) heap.release(pointer);
    const large = heap.allocate(200_000);
    assert.ok(large >= small[2] && large + 200_000 <= small[8]);
    const rest = [heap.allocate(65_536), heap.allocate(65_536)];
    assert.ok(rest.every((pointer) => pointer >= large + 200_000 && pointer < small[8]));
  });

  it("recovers its end when the last blocks are released", () => {
    const heap = newHeap(16);
    const small = Array.from({ length: 15 }, () => heap.allocate(65_536));
    for (const pointer of small) heap.release(pointer);
    const all = heap.allocate(983_040);
    assert.equal(all, small[0]);
  });

  it("notices a block that is released twice", () => {
    const heap = newHeap();
    const pointer = heap.allocate(64);
    heap.release(pointer);
    assert.throws(() => heap.release(pointer), /no block begins at \d+; was it released twice\?/);
  });
});
