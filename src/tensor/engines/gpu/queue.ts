/**
 * The serial queue of a GPU engine: operations are called at once and run later, in order.
 *
 * A failure of one is kept until somebody waits: whoever called it has long gone on. A caller that never awaits would pile up work for
 * ever, so beyond a bound the next call throws.
 */

export type Task = () => void | Promise<void>;

/** Milliseconds after which the queue lets timers and input have a turn. */
const LONGEST_TURN = 30;

/** Tasks that have run and are still in the list: it is cut when there are so many. */
const CUT = 1024;

export class Queue {
  private readonly tasks: Task[] = [];
  /** The task that runs next. */
  private next = 0;
  private running = false;
  private failure: Error | undefined;

  /** @param most tasks that may wait */
  constructor(private readonly most: number) {}

  /** @throws Error unless so many operations may still be queued. */
  reserve(name: string, operations: number): void {
    const waiting = this.tasks.length - this.next;
    if (waiting + operations <= this.most) return;
    throw new Error(
      `gpu: ${waiting} operations are waiting, and at most ${this.most} may; ` +
        `call await engine.ready() before ${name}, or read a result.`,
    );
  }

  /** Adds a task, whatever is waiting. */
  add(task: Task): void {
    this.tasks.push(task);
    if (this.running) return;
    this.running = true;
    queueMicrotask(() => void this.drain());
  }

  /** Keeps the first failure. */
  fail(error: Error): void {
    this.failure ??= error;
  }

  /** Resolves when all that was queued before has run. @throws Error if one of it failed and nobody was told yet. */
  settled(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.add(() => {
        const { failure } = this;
        this.failure = undefined;
        if (failure) reject(failure);
        else resolve();
      });
    });
  }

  private async drain(): Promise<void> {
    let began = performance.now();
    while (this.next < this.tasks.length) {
      try {
        await this.tasks[this.next++]();
      } catch (error) {
        this.fail(asError(error));
      }
      if (this.next === CUT) {
        this.tasks.splice(0, CUT);
        this.next = 0;
      }
      if (performance.now() - began > LONGEST_TURN) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        began = performance.now();
      }
    }
    this.tasks.length = 0;
    this.next = 0;
    this.running = false;
  }
}

/** Anything may be thrown. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
