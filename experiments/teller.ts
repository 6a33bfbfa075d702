/** Runs the parts of an experiment and says of each, when it is over, that it is. */
export function teller(seed: number, say: (text: string) => void) {
  return async <T>(what: string, body: () => T | Promise<T>): Promise<T> => {
    const result = await body();
    say(`seed ${seed}: ${what}`);
    return result;
  };
}
