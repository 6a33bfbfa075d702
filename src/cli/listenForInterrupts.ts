/**
 * Ctrl-C, or a termination signal: the first asks for a stop at the next safe place, a second ends the process at once.
 *
 * Signals within half a second count as one: npm passes a Ctrl-C on to a process that the terminal has told already.
 */

const ONE_PRESS = 500; // milliseconds
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Exit status of a command that was stopped from outside: 128 and the number of SIGINT. */
export const INTERRUPTED = 130;

export interface Interrupt {
  /** The first signal. */
  readonly onFirst: () => void;
  /** The second, before the process ends. */
  readonly onSecond: () => void;
}

/** Listens until the function that it returns is called. */
export function listenForInterrupts({ onFirst, onSecond }: Interrupt): () => void {
  let first: number | undefined;
  const heard = (): void => {
    if (first === undefined) {
      first = performance.now();
      onFirst();
    } else if (performance.now() - first > ONE_PRESS) {
      onSecond();
      process.exit(INTERRUPTED);
    }
  };
  for (const signal of SIGNALS) process.on(signal, heard);
  return () => {
    for (const signal of SIGNALS) process.off(signal, heard);
  };
}
