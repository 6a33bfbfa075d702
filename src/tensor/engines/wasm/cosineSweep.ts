/**
 * The cosine sweep on the wasm heap: kernels/sweep*.ts on every memory that holds rows of the table.
 *
 * Rows stay where they are. What crosses to a bank is the batch (x̂, a few hundred kilobytes), what comes back is three numbers a
 * sample and its gradient; so parts of a table behave as ranks do: embeddings travel, class centers stay. Parts are taken one after
 * the other, all threads on each, and added up in their order.
 */
import {
  NORM_FLOOR,
  NO_LOGIT,
  SweepOrder,
  checkSlopes,
  checkSweep,
  checkVelocity,
  type CosineSweep,
  type CosineSweepRequest,
  type SweepStatistics,
} from "../../cosineSweep.js";
import type { Engine, SgdRule } from "../../engine.js";
import type { RowStore } from "../../rowStore.js";
import type { Tensor } from "../../tensor.js";
import { BankRowStore } from "./bankRowStore.js";
import { pointerOf, type Context } from "./context.js";
import { splitIndex } from "./rowTransfer.js";
import { SweepPart } from "./sweepPart.js";

export class WasmCosineSweep implements CosineSweep {
  private readonly parts: readonly SweepPart[];
  private readonly samples: number;
  private readonly columns: number;
  private readonly order = new SweepOrder();

  constructor(
    private readonly context: Engine & Context,
    private readonly request: CosineSweepRequest,
  ) {
    checkSweep(context, request);
    const { store, index, x, labels, scale, filter, keep = true, columns: chosen } = request;
    if (!(store instanceof BankRowStore)) throw new Error("cosineSweep: the table is not one of this wasm engine's.");
    store.assertLive();
    [this.samples, this.columns] = x.shape;
    const values = this.view(x, "cosineSweep");
    let start = 0; // of the part's classes among all
    const parts: SweepPart[] = [];
    this.parts = parts;
    try {
      for (const { part, rows } of splitIndex(store.parts, index)) {
        const own = labels.map((label) => (label >= start && label < start + rows.length ? label - start : -1));
        const half = store.storage === "float16";
        const shared = { scale, filter, floor: NORM_FLOOR, keep, half, tableColumns: store.columns, chosen };
        parts.push(new SweepPart(part, rows, values, own, this.columns, shared));
        start += rows.length;
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  statistics(): SweepStatistics {
    this.order.enter("statistics");
    const largest = new Float32Array(this.samples).fill(NO_LOGIT);
    const total = new Float64Array(this.samples);
    const target = new Float32Array(this.samples);
    for (const part of this.parts) {
      const found = part.forward();
      for (let n = 0; n < this.samples; n++) {
        const most = Math.max(largest[n], found.largest[n]);
        total[n] = total[n] * Math.exp(largest[n] - most) + found.total[n] * Math.exp(found.largest[n] - most);
        largest[n] = most;
        target[n] += found.target[n]; // 0 in all parts but that of the class
      }
    }
    return { largest: this.tensor(largest), total: this.tensor(total), target: this.tensor(target) };
  }

  backward(logSum: Tensor, targetGradient: Tensor, factor: Tensor): Tensor {
    checkSlopes(this.samples, logSum, targetGradient, factor);
    this.order.enter("backward");
    const logSums = logSum.dataSync();
    const slopes = targetGradient.dataSync();
    const [scale] = factor.dataSync();
    const dx = this.context.make([this.samples, this.columns]);
    const to = this.view(dx, "cosineSweep");
    to.fill(0);
    for (const part of this.parts) part.backward(logSums, slopes, scale, to);
    return dx;
  }

  gradient(): Tensor {
    this.order.enter("gradient");
    const { columns } = this.request.store;
    const dw = this.context.make([this.request.index.length, columns]);
    const to = this.view(dw, "cosineSweep");
    let start = 0;
    for (const part of this.parts) {
      part.gradient(to.subarray(start * columns, (start + part.count) * columns));
      start += part.count;
    }
    return dw;
  }

  update(velocity: RowStore | undefined, rule: SgdRule): void {
    if (velocity !== undefined && !(velocity instanceof BankRowStore)) {
      throw new Error("cosineSweep: the velocity is not a table of this wasm engine's.");
    }
    if (velocity) {
      velocity.assertLive();
      checkVelocity(this.request.store, velocity);
    }
    this.order.enter("update");
    const places = this.parts.map(({ rows }) => {
      const beside = velocity?.parts.find(({ first }) => first === rows.first);
      if (velocity && beside?.bank !== rows.bank) {
        throw new Error("cosineSweep: the velocity must lie beside the table; make it with store.beside().");
      }
      return beside?.pointer ?? 0; // 0: no velocity
    });
    for (const [position, part] of this.parts.entries()) part.update(places[position], rule);
  }

  dispose(): void {
    this.order.end();
    for (const part of this.parts) part.dispose();
  }

  private view(tensor: Tensor, name: string): Float32Array {
    const from = pointerOf(this.context, tensor, name) / 4;
    return this.context.heap.floats.subarray(from, from + tensor.size);
  }

  private tensor(values: ArrayLike<number>): Tensor {
    const tensor = this.context.make([this.samples]);
    this.view(tensor, "cosineSweep").set(values);
    return tensor;
  }
}
