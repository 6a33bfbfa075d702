/**
 * 1:1 verification of templates (IJB-B, IJB-C): the score of two templates is the dot product of their unit embeddings.
 *
 * TAR is read at the vertex of the ROC curve whose FAR is nearest to the target, of equally near ones at that with the larger TAR, among
 * `rocCorners`: so do the published tables. The FAR of that vertex may lie above the target; `tar[i].falseAccept` says where it lies.
 */
import { rowDot } from "./normalizeRows.js";
import { areaUnderCurve, rocCorners, rocCurve, tarAtFar, type RocCurve, type TarAtFar } from "./roc.js";
import { poolTemplates, type TemplateImages, type Templates } from "./templates.js";

/** Pair p compares template first[p] with template second[p], by id; same[p] is 1 for two templates of one person. All [P]. */
export interface TemplatePairs {
  readonly first: ArrayLike<number>;
  readonly second: ArrayLike<number>;
  readonly same: ArrayLike<number>;
}

export interface TemplateVerificationOptions extends TemplateImages {
  readonly pairs: TemplatePairs;
  /** False accept rates; default 1e-6, 1e-5 … 1e-1, the columns of the published tables. */
  readonly fars?: readonly number[];
}

export interface TemplateVerificationResult {
  readonly templates: Templates;
  /** Cosine of each pair. [P] */
  readonly scores: Float64Array;
  /** The corners of the ROC curve. */
  readonly curve: RocCurve;
  /** Area under it. */
  readonly area: number;
  /** In the order of `fars`. */
  readonly tar: readonly TarAtFar[];
}

const PUBLISHED_FARS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];

/** Pools the templates, scores the pairs and reads the curve. Throws for a pair of a template that has no image, and without both kinds of pairs. */
export function templateVerification(options: TemplateVerificationOptions): TemplateVerificationResult {
  const { pairs, fars = PUBLISHED_FARS } = options;
  const templates = poolTemplates(options);
  const scores = templateScores(templates, options.embedding, pairs);
  const curve = rocCorners(rocCurve(scores, pairs.same));
  return { templates, scores, curve, area: areaUnderCurve(curve), tar: tarAtFar(curve, fars, "nearest") };
}

/** ⟨template, template⟩ of each pair: [T, E] → [P] */
function templateScores(
  { ids, embeddings }: Templates,
  embedding: number,
  { first, second, same }: TemplatePairs,
): Float64Array {
  if (first.length !== second.length || first.length !== same.length) {
    throw new Error(
      `pairs: first, second and same have one entry a pair; given ${first.length}, ${second.length} and ${same.length}.`,
    );
  }
  const position = new Map(Array.from(ids, (id, row) => [id, row]));
  const row = (id: number, p: number): number => {
    const found = position.get(id);
    if (found === undefined) throw new Error(`pairs: pair ${p} compares template ${id}, which has no image.`);
    return found;
  };
  return Float64Array.from(first, (id, p) => rowDot(embeddings, embedding, row(id, p), row(second[p], p)));
}
