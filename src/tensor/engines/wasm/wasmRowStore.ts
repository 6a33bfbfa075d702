/** A table of rows in host memory whose sampled rows go straight between its chunks and the heap, with no array in between. */
import { HostRowStore, type RowInitializer } from "../../rowStore.js";
import type { Engine } from "../../engine.js";
import type { Tensor } from "../../tensor.js";
import { pointerOf, type Context } from "./context.js";

export class WasmRowStore extends HostRowStore {
  constructor(
    private readonly context: Engine & Context,
    rows: number,
    columns: number,
    initialize?: RowInitializer,
  ) {
    super(context, rows, columns, initialize);
  }

  override gather(index: Int32Array): Tensor {
    this.assertRows(index); // throws before anything is made
    const tensor = this.context.make([index.length, this.columns]);
    const { floats } = this.context.heap;
    let to = pointerOf(this.context, tensor, "gather") / 4;
    for (let i = 0; i < index.length; i++, to += this.columns) floats.set(this.row(index[i]), to);
    return tensor;
  }

  override write(index: Int32Array, values: Tensor): void {
    this.assertRows(index);
    const { floats } = this.context.heap;
    let from = pointerOf(this.context, values, "write") / 4;
    for (let i = 0; i < index.length; i++, from += this.columns) {
      this.row(index[i]).set(floats.subarray(from, from + this.columns));
    }
  }
}
