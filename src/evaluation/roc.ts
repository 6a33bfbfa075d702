/**
 * ROC curves over scores: TAR at FAR, equal error rate, area.
 *
 * A pair is accepted when its score is AT LEAST the threshold; a larger score means more alike (negate distances). The vertices of the
 * curve are the distinct scores, from the strictest on: pairs with equal scores enter together, so the order of equal scores cannot
 * matter (Fawcett, "An introduction to ROC analysis", 2006, section 5). Rates are count / total in float64, compared without tolerance.
 *
 * Left out: confidence bands; folds (`verification`).
 */

/** Vertices from (0, 0) to (1, 1), both included; V ≥ 2. */
export interface RocCurve {
  /** Numbers of pairs. */
  readonly genuine: number;
  readonly impostor: number;
  /** Falling; thresholds[0] is +Infinity, where nothing is accepted. [V] */
  readonly thresholds: Float64Array;
  /** TAR: share of genuine pairs accepted at each threshold. [V] */
  readonly trueAccept: Float64Array;
  /** FAR: share of impostor pairs accepted. [V] */
  readonly falseAccept: Float64Array;
}

export interface TarAtFar {
  /** The rate asked for. */
  readonly far: number;
  readonly tar: number;
  /** The vertex: its threshold, and the false accept rate it has. */
  readonly threshold: number;
  readonly falseAccept: number;
  /** Whether one single false accept is no more than the rate asked for (impostors ≥ 1/far). If not, `tar` is the TAR at zero false accepts or at one. */
  readonly resolved: boolean;
}

/** The curve of P scores; genuine[p] is 1 (or true) for a pair of the same class. Throws for NaN and when one of the two kinds is missing. */
export function rocCurve(scores: ArrayLike<number>, genuine: ArrayLike<number | boolean>): RocCurve {
  if (scores.length !== genuine.length) {
    throw new Error(`rocCurve: each score is of one pair; given ${scores.length} scores and ${genuine.length} kinds.`);
  }
  const positive = new Float64Array(scores.length);
  const negative = new Float64Array(scores.length);
  let [positives, negatives] = [0, 0];
  for (let p = 0; p < scores.length; p++) {
    if (Number.isNaN(scores[p])) throw new Error(`rocCurve: a score must be a number, but score ${p} is NaN.`);
    if (genuine[p]) positive[positives++] = scores[p];
    else negative[negatives++] = scores[p];
  }
  return rocOfScores(positive.subarray(0, positives), negative.subarray(0, negatives));
}

/** The curve of genuine and impostor scores, which are sorted in place. No NaN. */
export function rocOfScores(genuine: Float64Array, impostor: Float64Array): RocCurve {
  genuine.sort();
  impostor.sort();
  const steps: RocStep[] = [];
  let g = genuine.length - 1;
  let i = impostor.length - 1;
  while (g >= 0 || i >= 0) {
    const threshold = Math.max(g >= 0 ? genuine[g] : -Infinity, i >= 0 ? impostor[i] : -Infinity);
    const [lastGenuine, lastImpostor] = [g, i];
    while (g >= 0 && genuine[g] === threshold) g--;
    while (i >= 0 && impostor[i] === threshold) i--;
    steps.push({ threshold, genuine: lastGenuine - g, impostor: lastImpostor - i });
  }
  return rocOfSteps(steps);
}

/** Pairs that enter together when the threshold comes down to `threshold`. */
export interface RocStep {
  readonly threshold: number;
  readonly genuine: number;
  readonly impostor: number;
}

/** The curve of steps with falling thresholds. Throws when there is no genuine or no impostor pair. */
export function rocOfSteps(steps: readonly RocStep[]): RocCurve {
  const vertices = steps.length + 1;
  const thresholds = new Float64Array(vertices).fill(Infinity);
  const trueAccept = new Float64Array(vertices);
  const falseAccept = new Float64Array(vertices);
  let [genuine, impostor] = [0, 0];
  steps.forEach((step, v) => {
    thresholds[v + 1] = step.threshold;
    trueAccept[v + 1] = genuine += step.genuine;
    falseAccept[v + 1] = impostor += step.impostor;
  });
  if (genuine === 0 || impostor === 0) {
    throw new Error(
      `ROC: genuine and impostor pairs are needed, given ${genuine} genuine and ${impostor} impostor pairs.`,
    );
  }
  for (let v = 0; v < vertices; v++) {
    trueAccept[v] /= genuine;
    falseAccept[v] /= impostor;
  }
  return { genuine, impostor, thresholds, trueAccept, falseAccept };
}

/**
 * The curve without the vertices inside a run of equal steps: a vertex goes when as many genuine and as many impostor pairs enter at it as at
 * the next one. The line stays the same.
 *
 * What scikit-learn's `roc_curve` leaves out too, hence the vertices among which the published IJB protocol looks for its FARs. The first
 * threshold that accepts anything always stays, as it does there.
 */
export function rocCorners(curve: RocCurve): RocCurve {
  const { genuine, impostor, thresholds, trueAccept, falseAccept } = curve;
  // Rates are counts divided by a total; only the counts can be compared without tolerance.
  const entering = (rates: Float64Array, total: number, v: number): number =>
    Math.round(rates[v] * total) - Math.round(rates[v - 1] * total);
  const last = thresholds.length - 1;
  const kept = (_: number, v: number): boolean =>
    v < 2 ||
    v === last ||
    entering(trueAccept, genuine, v) !== entering(trueAccept, genuine, v + 1) ||
    entering(falseAccept, impostor, v) !== entering(falseAccept, impostor, v + 1);
  return {
    genuine,
    impostor,
    thresholds: thresholds.filter(kept),
    trueAccept: trueAccept.filter(kept),
    falseAccept: falseAccept.filter(kept),
  };
}

/**
 * TAR at each false accept rate asked for, read at a vertex of the curve; never between two.
 *
 * rule "not-above" (default): the last vertex whose FAR does not exceed the target, hence of equal FARs the one with the largest TAR; the
 * promise "at most this share of impostors" holds on these pairs. rule "nearest": the vertex whose FAR is nearest to the target, on
 * equal distance the one with the largest TAR (the published IJB protocol; its FAR may lie above the target). Throws unless 0 ≤ far ≤ 1.
 */
export function tarAtFar(
  curve: RocCurve,
  fars: readonly number[],
  rule: "not-above" | "nearest" = "not-above",
): TarAtFar[] {
  return fars.map((far) => {
    if (!(far >= 0 && far <= 1)) throw new Error(`tarAtFar: a false accept rate lies in 0 .. 1, given ${far}.`);
    let v = lastNotAbove(curve, far);
    if (rule === "nearest") {
      for (let w = v + 1; w < curve.falseAccept.length; w++) {
        if (Math.abs(curve.falseAccept[w] - far) <= Math.abs(curve.falseAccept[v] - far)) v = w;
      }
    }
    return {
      far,
      tar: curve.trueAccept[v],
      threshold: curve.thresholds[v],
      falseAccept: curve.falseAccept[v],
      resolved: 1 / curve.impostor <= far,
    };
  });
}

/** Last vertex with FAR ≤ far, by bisection; vertex 0 has FAR 0. */
function lastNotAbove(curve: RocCurve, far: number): number {
  let low = 0;
  let high = curve.falseAccept.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (curve.falseAccept[middle] <= far) low = middle;
    else high = middle;
  }
  return low;
}

/** The equal error rate: where FAR = 1 − TAR on the straight lines between vertices. 0 for perfect scores, 1/2 when all scores are equal. */
export function equalErrorRate({ trueAccept, falseAccept }: RocCurve): number {
  let v = 1; // FAR − (1 − TAR) rises from −1 at the first vertex to 1 at the last
  while (falseAccept[v] + trueAccept[v] < 1) v++;
  const before = 1 - falseAccept[v - 1] - trueAccept[v - 1]; // > 0
  const after = falseAccept[v] + trueAccept[v] - 1; // ≥ 0
  const along = before / (before + after);
  return falseAccept[v - 1] + along * (falseAccept[v] - falseAccept[v - 1]);
}

/** Area under the curve by trapezoids: the chance that a genuine score exceeds an impostor's, equal scores counting one half. */
export function areaUnderCurve({ trueAccept, falseAccept }: RocCurve): number {
  let area = 0;
  for (let v = 1; v < falseAccept.length; v++) {
    area += ((falseAccept[v] - falseAccept[v - 1]) * (trueAccept[v] + trueAccept[v - 1])) / 2;
  }
  return area;
}

/**
 * About `points` vertices for a drawing with a logarithmic FAR axis: those at FARs evenly spaced in the logarithm between one single
 * false accept and 1 (rule "not-above"), without repetitions.
 */
export function thinRoc(curve: RocCurve, points = 100): [falseAccept: number, trueAccept: number][] {
  const chosen = new Set<number>();
  for (let i = 0; i < points; i++) chosen.add(lastNotAbove(curve, curve.impostor ** (i / Math.max(1, points - 1) - 1)));
  chosen.add(curve.falseAccept.length - 1);
  return [...chosen].sort((a, b) => a - b).map((v) => [curve.falseAccept[v], curve.trueAccept[v]]);
}
