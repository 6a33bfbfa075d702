/** Whether predictions and solution speak of the same queries: what both landmark protocols ask first. */

/** @throws Error for an empty solution, and for predictions of a query that the solution does not know. */
export function checkPredictedQueries(
  name: string,
  predictions: ReadonlyMap<string, unknown>,
  solution: ReadonlyMap<string, unknown>,
): void {
  if (solution.size === 0) throw new Error(`${name}: the solution has no query.`);
  for (const query of predictions.keys()) {
    if (solution.has(query)) continue;
    throw new Error(
      `${name}: query ${JSON.stringify(query)} has a prediction, but is not among the ${solution.size} queries of the solution.`,
    );
  }
}
