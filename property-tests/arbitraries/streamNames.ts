/** Names of random streams: texts and numbers, some of which look alike. */
import fc from "fast-check";
import { seeds } from "./numbers.js";

export type StreamName = readonly (string | number)[];

export function streamNames(): fc.Arbitrary<StreamName> {
  const text = fc.oneof(
    fc.constantFrom("", "0", "1", "a", "ab", "A", "Ł", ",", '"', "\\u0141", '","'),
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.string({ minLength: 250, maxLength: 300 }),
  );
  const number = fc.oneof(
    fc.constantFrom(0, 1, -1, 2 ** 32 - 1, 2 ** 53),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  // + 0: −0 is written as 0
  return fc.array(
    fc.oneof(
      seeds(),
      text,
      number.map((value) => value + 0),
    ),
    { maxLength: 4 },
  );
}

/** Two different names, often with a part in common, or with the same characters cut elsewhere. */
export function differentNames(): fc.Arbitrary<readonly [StreamName, StreamName]> {
  const alike = fc.constantFrom<readonly [StreamName, StreamName]>(
    [["1"], [1]],
    [["a", "b"], ["ab"]],
    [["a", 1], ["a1"]],
    [
      ["a", "1"],
      ["a", 1],
    ],
    [["a"], ["a", ""]],
    [[""], []],
    [[0], [-1]],
    [[-1], [2 ** 32 - 1]],
    [[0], [2 ** 32]],
    [['a","b'], ["a", "b"]],
    [["A"], ["Ł"]],
  );
  const related = fc
    .tuple(streamNames(), streamNames(), streamNames())
    .map(([common, a, b]): readonly [StreamName, StreamName] => [
      [...common, ...a],
      [...common, ...b],
    ]);
  return fc.oneof(alike, related).filter(([a, b]) => JSON.stringify(a) !== JSON.stringify(b));
}
