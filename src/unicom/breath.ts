/** Long work in one thread lets others run now and then: timers, signals, a page that wants to be drawn. */

/** Milliseconds of work between two pauses. A pause takes one to four. */
const PATIENCE = 20;

export class Breath {
  private last = performance.now();

  /** Between two pieces of work: pauses where it is time to. @throws the signal's reason */
  async take(signal: AbortSignal | undefined): Promise<void> {
    if (performance.now() - this.last > PATIENCE) {
      await new Promise((resolve) => setTimeout(resolve, 0)); // the one timer that every host has
      this.last = performance.now();
    }
    signal?.throwIfAborted();
  }
}
