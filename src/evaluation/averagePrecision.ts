/**
 * Mean average precision at K (mAP@100): how early a ranking shows the relevant images.
 *
 * The metric of the Google Landmarks retrieval challenge (Weyand et al., CVPR 2020, section 5), as Unicom reports it: precision is taken at
 * the rank of each relevant image among the first K, summed, and divided by the number of relevant images, at most K. An image that is
 * named again keeps its rank and adds nothing.
 */

/** AP@K of one ranking, best first; in [0, 1]. Throws when nothing is relevant or K is no whole number ≥ 1. */
export function averagePrecision<Image>(
  ranking: readonly Image[],
  relevant: ReadonlySet<Image>,
  limit: number,
): number {
  const found = new Set<Image>();
  const isHit = (image: Image): boolean => {
    if (!relevant.has(image) || found.has(image)) return false;
    found.add(image);
    return true;
  };
  return averagePrecisionOfHits(ranking.slice(0, limit).map(isHit), relevant.size, limit);
}

/** The same where `hits` says of each rank, best first, whether it shows one of the `relevant` images for the first time. */
export function averagePrecisionOfHits(hits: readonly boolean[], relevant: number, limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || relevant < 1) {
    throw new Error(
      `averagePrecision: a whole limit ≥ 1 and a relevant image are needed; given a limit of ${limit} and ${relevant} relevant images.`,
    );
  }
  let [found, sum] = [0, 0];
  for (let rank = 1; rank <= Math.min(limit, hits.length); rank++) if (hits[rank - 1]) sum += ++found / rank;
  return sum / Math.min(relevant, limit);
}

/** The mean of AP@K over the queries: ranking q is judged by relevant[q]. */
export function meanAveragePrecision<Image>(
  rankings: readonly (readonly Image[])[],
  relevant: readonly ReadonlySet<Image>[],
  limit = 100,
): number {
  if (rankings.length !== relevant.length || rankings.length === 0) {
    throw new Error(
      `meanAveragePrecision: one or more rankings, each with its relevant images, are needed; given ${rankings.length} rankings and ${relevant.length} sets.`,
    );
  }
  const precisions = rankings.map((ranking, query) => averagePrecision(ranking, relevant[query], limit));
  return precisions.reduce((sum, precision) => sum + precision, 0) / precisions.length;
}
