/** A random stream that counts how often it is asked. */
import { stream, type Random } from "../../src/tensor/random.js";

export function countingStream(...name: readonly (string | number)[]): { random: Random; asked: () => number } {
  const random = stream(...name);
  let count = 0;
  const counted = <T>(answer: T): T => {
    count++;
    return answer;
  };
  return {
    random: {
      uniform: () => counted(random.uniform()),
      normal: () => counted(random.normal()),
      integer: (bound) => counted(random.integer(bound)),
      shuffle: (values) => counted(random.shuffle(values)),
      key: () => counted(random.key()),
    },
    asked: () => count,
  };
}
