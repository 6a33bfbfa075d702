/** Values that are made one ahead: while the caller works on one, the next is already on its way. */

/** `at(first)`, `at(first + 1)`, … up to, not including, `at(end)`; never more than one is waiting. */
export async function* readAhead<T>(
  at: (index: number) => Promise<T>,
  first: number,
  end: number,
): AsyncGenerator<T, void, undefined> {
  if (first >= end) return;
  let next = at(first);
  for (let index = first; index < end; index++) {
    const value = await next;
    if (index + 1 < end) {
      next = at(index + 1);
      next.catch(() => {}); // what goes wrong ahead of time is heard when its turn comes, if it comes
    }
    yield value;
  }
}
