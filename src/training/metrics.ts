/** The lines of `metrics.jsonl`. Fields under `time` depend on the clock; all others are a function of the configuration. */

/** One update. */
export interface StepLine {
  readonly kind: "step";
  /** Updates done, this one included. */
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly rate: number;
  /** Norm of the backbone's gradient before clipping. */
  readonly gradientNorm: number;
  /** Mean norm over a fixed sample of class centers. */
  readonly centerNorm: number;
  /** Centers that took part, and how many of them were positives. */
  readonly sampled: number;
  readonly positives: number;
  readonly time: {
    /** Milliseconds of the whole update, and of the head in it (sampling, forward, backward, update of centers). */
    readonly stepMilliseconds: number;
    readonly headMilliseconds: number;
    readonly seconds: number;
  };
}

/** One evaluation on held-out classes. */
export interface EvaluationLine {
  readonly kind: "evaluation";
  readonly step: number;
  readonly part: "validation" | "test";
  readonly result: EvaluationResult;
  readonly time: { readonly seconds: number };
}

export interface EvaluationResult {
  readonly images: number;
  readonly classes: number;
  /** Shares in [0, 1]. */
  readonly recallAt1: number;
  readonly recallAt5: number;
  readonly verification: { readonly accuracy: number; readonly deviation: number; readonly pairs: number };
  readonly equalErrorRate: number;
  readonly tarAtFar: readonly { readonly far: number; readonly tar: number }[];
  /** Accuracy over the official Omniglot one-shot runs. */
  readonly oneShot?: number;
  /** Points of the ROC curve, thinned out for the report. */
  readonly roc: readonly (readonly [falseAccept: number, trueAccept: number])[];
}

/** What the head costs, once a run. */
export interface CostLine {
  readonly kind: "cost";
  readonly step: 0;
  readonly classes: number;
  readonly sampled: number;
  /** Bytes a step works on: logits, gathered centers; and bytes held: all centers with their momentum. */
  readonly logitBytes: number;
  readonly gatheredBytes: number;
  readonly storedBytes: number;
  readonly parameters: number;
  readonly engine: string;
}

export type MetricsLine = StepLine | EvaluationLine | CostLine;
