/**
 * The lines of `metrics.jsonl`. Fields under `time` depend on the clock; all others are a function of the configuration.
 *
 * A line is checked when it is read back: the file may have been cut, or edited by hand.
 */
import { z } from "zod";
import { explainIssue } from "./explainIssue.js";

const step = z.int().min(0);
const share = z.number().min(0).max(1);
/** JSON has no NaN and no Infinity and writes them as null. */
const measured = z.union([z.number(), z.null().transform(() => NaN)], { error: "a number" });

/** Of the regression beside the margin softmax; see `QualityNumbers`. */
const qualityNumbers = z.object({
  loss: measured,
  classCenter: measured,
  nearestNegative: measured,
  target: measured,
  score: measured,
  correlation: measured,
});

/** One update. */
const stepLine = z.object({
  kind: z.literal("step"),
  /** Updates done, this one included. */
  step,
  epoch: z.int().min(0),
  loss: measured,
  quality: qualityNumbers.optional(),
  /** Of margins that set themselves: see `MarginNumbers`. */
  margin: z.object({ scale: measured, margin: measured, median: measured }).optional(),
  /** Of the local stage: see `LocalNumbers`. */
  local: z.object({ loss: measured, matches: measured, distance: measured }).optional(),
  rate: measured,
  /** Norm of the backbone's gradient before clipping. */
  gradientNorm: measured,
  /** Mean norm over a fixed sample of class centers, as this update found them. Version 0.1.0 wrote it as the update left them. */
  centerNorm: measured,
  /** Centers that took part, and how many of them were positives. */
  sampled: z.int(),
  positives: z.int(),
  time: z.object({
    /** Milliseconds since the update before, validation and checkpoint apart. A GPU engine computes the end of an update within the next one. */
    stepMilliseconds: z.number(),
    /** Of the head in it (sampling, forward, backward, update of centers). Absent on a GPU engine, which computes later than it is called. */
    headMilliseconds: z.number().optional(),
    /** Of it, waiting for the batch: reading and augmentation. Runs of version 0.1.0 do not say. */
    dataMilliseconds: z.number().optional(),
    /** Since this process began to train. */
    seconds: z.number(),
  }),
});

/** Ten-fold verification on the pairs of one file. */
const pairSetResult = z.object({ name: z.string(), accuracy: share, deviation: z.number(), pairs: z.int() });

/** One error-versus-discard curve. [R] ratios, [F][R] errors, [F] areas. */
const discardCurve = z.object({
  ratios: z.array(share),
  fnmr: z.array(z.array(share)),
  areas: z.array(z.number()),
});

/** Of quality scores; see `evaluateQuality`. */
const qualityResult = z.object({
  /** False match rates at which the errors are counted. [F] */
  fmrs: z.array(share),
  methods: z.array(z.object({ name: z.string(), fullSet: discardCurve, perSubset: discardCurve })),
});

/** What the evaluation protocols found; see `evaluateModel`. */
const evaluationResult = z.object({
  images: z.int(),
  classes: z.int(),
  recallAt1: share,
  recallAt5: share,
  verification: z.object({ accuracy: share, deviation: z.number(), pairs: z.int() }),
  equalErrorRate: share,
  tarAtFar: z.array(z.object({ far: share, tar: share })),
  /** Accuracy over the official Omniglot one-shot runs. */
  oneShot: share.optional(),
  /** Of the pair files beside the set. */
  pairSets: z.array(pairSetResult).optional(),
  /** Of runs that learn quality. */
  quality: qualityResult.optional(),
  /** Points of the ROC curve, thinned out for the report: false and true accept rate. */
  roc: z.array(z.tuple([share, share])),
});

/** One evaluation: on held-out classes during training, or on unseen ones at its end. */
const evaluationLine = z.object({
  kind: z.literal("evaluation"),
  step,
  part: z.enum(["validation", "test"]),
  result: evaluationResult,
  time: z.object({ seconds: z.number() }),
});

/** What the head costs, once a run. */
const costLine = z.object({
  kind: z.literal("cost"),
  step: z.literal(0),
  classes: z.int(),
  sampled: z.int(),
  /** Bytes a step works on: logits, gathered centers; and bytes held: all centers with their momentum. */
  logitBytes: z.number(),
  gatheredBytes: z.number(),
  storedBytes: z.number(),
  parameters: z.int(),
  engine: z.string(),
});

const metricsLine = z.discriminatedUnion("kind", [stepLine, evaluationLine, costLine], {
  error: 'one of "step", "evaluation", "cost"',
});

export type StepLine = Readonly<z.infer<typeof stepLine>>;
export type PairSetResult = Readonly<z.infer<typeof pairSetResult>>;
export type QualityResult = Readonly<z.infer<typeof qualityResult>>;
export type EvaluationResult = Readonly<z.infer<typeof evaluationResult>>;
export type EvaluationLine = Readonly<z.infer<typeof evaluationLine>>;
export type CostLine = Readonly<z.infer<typeof costLine>>;
export type MetricsLine = StepLine | EvaluationLine | CostLine;

/** Reads one line. Throws a sentence that names the field at fault. */
export function parseMetricsLine(text: string): MetricsLine {
  const value: unknown = JSON.parse(text);
  const { data, error } = metricsLine.safeParse(value);
  if (error) throw new Error(explainIssue(error.issues[0], value));
  return data;
}
