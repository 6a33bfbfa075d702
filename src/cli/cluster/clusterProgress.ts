/** Shows how far a clustering is: a bar on a terminal, elsewhere a plain line now and then. */
import { SingleBar } from "cli-progress";
import type { Iteration } from "./clusterFolder.js";

export interface ClusterProgress {
  show(line: Iteration): void;
  /** A line of its own; no bar is drawn after it. */
  note(text: string): void;
  stop(): void;
}

/** Milliseconds between two plain lines. */
const PLAIN_INTERVAL = 5000;

/** `most`: iterations that it may take, of `rows` rows. On standard error, for results go to standard output. */
export function clusterProgress(
  most: number,
  rows: number,
  stream: NodeJS.WriteStream = process.stderr,
): ClusterProgress {
  const describe = ({ inertia, changed }: Iteration): string =>
    `inertia ${(inertia / rows).toFixed(4)} a row${changed === undefined ? "" : ` · ${changed} labels changed`}`;
  return stream.isTTY ? bar(most, describe, stream) : lines(most, describe, stream);
}

function bar(most: number, describe: (line: Iteration) => string, stream: NodeJS.WriteStream): ClusterProgress {
  const view = new SingleBar({
    format: "cluster {bar} {value}/{total} · {state} · at most {eta_formatted} left",
    ...{ stream, hideCursor: true, barsize: 20, clearOnComplete: true, gracefulExit: false },
  });
  let [isShown, isOver] = [false, false];
  const stop = (): void => {
    if (isShown) view.stop();
    [isShown, isOver] = [false, true];
  };
  return {
    show: (line) => {
      if (isOver) return;
      if (!isShown) view.start(most, line.iteration, { state: describe(line) });
      isShown = true;
      view.update(line.iteration, { state: describe(line) });
    },
    note: (text) => {
      stop();
      stream.write(`${text}\n`);
    },
    stop,
  };
}

function lines(most: number, describe: (line: Iteration) => string, stream: NodeJS.WriteStream): ClusterProgress {
  let printed = -Infinity;
  return {
    show: (line) => {
      const now = performance.now();
      if (now - printed < PLAIN_INTERVAL) return;
      printed = now;
      stream.write(`iteration ${line.iteration} of at most ${most} · ${describe(line)}\n`);
    },
    note: (text) => void stream.write(`${text}\n`),
    stop: () => undefined,
  };
}
