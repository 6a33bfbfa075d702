/**
 * Claims 2 and 4: what the margin that was supplied for a batch means for it. A supplier that passes everything on, and keeps of every batch
 *
 *     P(t) = e^{s(t − m)} / (e^{s(t − m)} + B)
 *
 * at the median cosine and at 1, and the loss −ln P of the median image; in float64, from the float32 numbers of the head: t_i, ln B_i, s, m.
 */
import { PartialFC, isSupplier, type MarginSupplier } from "../../src/pfc/index.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import type { Trainee } from "../../src/training/trainingStep.js";

export interface Watched {
  readonly scale: number;
  readonly margin: number;
  readonly median: number;
  /** Of the image with the median cosine. */
  readonly probability: number;
  readonly loss: number;
  /** 1 − P(1) with the same wrong classes. */
  readonly doubt: number;
}

/** The supplier, with `tell` called for every batch. On an engine that computes at once. */
export function watchedMargin(supplier: MarginSupplier, tell: (batch: Watched) => void): MarginSupplier {
  return {
    ...supplier,
    supply(target: Tensor, share: number) {
      const supply = supplier.supply(target, share);
      const cosines = target.dataSync(); // [N]
      return {
        ...supply,
        margin(logOthers: Tensor): Tensor {
          const made = supply.margin(logOthers);
          const [[scale], [median], [margin]] = [supply.scale, supply.median, made].map((tensor) => tensor.dataSync());
          const logB = logOthers.dataSync()[cosines.indexOf(median)];
          const loss = Math.log1p(Math.exp(logB - scale * (median - margin)));
          const doubt = 1 / (1 + Math.exp(scale * (1 - margin) - logB));
          tell({ scale, margin, median, loss, probability: Math.exp(-loss), doubt });
          return made;
        },
      };
    },
  };
}

/** The same network and class centers under a head whose margin is watched. @throws Error where the margin is not supplied */
export function watchHead(trainee: Trainee, tell: (batch: Watched) => void): Trainee {
  const { head, engine, seed } = trainee;
  const { margin, classes, embedding, ratio, path, centers: sharedCenters } = head;
  if (!isSupplier(margin)) throw new Error("only a margin that is supplied batch by batch can be watched.");
  const watched = watchedMargin(margin, tell);
  return {
    ...trainee,
    head: new PartialFC(engine, { classes, embedding, ratio, path, seed, margin: watched, sharedCenters }),
  };
}
