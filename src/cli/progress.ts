/** Shows a training run: a progress bar on a terminal, a plain line every few seconds elsewhere. */
import { MultiBar, type SingleBar } from "cli-progress";
import type { StepLine } from "../training/metrics.js";

/** Where a run shows how far it is. */
export interface Progress {
  step(line: StepLine): void;
  /** Prints a line of its own without tearing the bar. */
  note(text: string): void;
  stop(): void;
}

/** Seconds between two plain lines. */
const PLAIN_INTERVAL = 10;

export interface ProgressOptions {
  /** Stands before the progress. */
  readonly label: string;
  /** Updates in all. */
  readonly steps: number;
  /** Images of an update. */
  readonly batch: number;
  /** Default: standard output. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Nothing is drawn before the first step; call `stop` in the end, also after a failure. */
export function progress(options: ProgressOptions): Progress {
  const stream = options.stream ?? process.stdout;
  return stream.isTTY ? bar({ ...options, stream }) : lines({ ...options, stream });
}

function describe(line: StepLine, batch: number): { loss: string; speed: string } {
  return { loss: line.loss.toFixed(3), speed: ((1000 * batch) / line.time.stepMilliseconds).toFixed(0) };
}

/** One bar in a frame for several, because only the frame can print lines above it. */
function bar({ label, steps, batch, stream }: Required<ProgressOptions>): Progress {
  const view = new MultiBar({
    format: `${label} {bar} {value}/{total} · loss {loss} · {speed} images/s · {eta_formatted} left`,
    stream,
    hideCursor: true,
    forceRedraw: true, // also when only the lines above have moved
    gracefulExit: false, // Ctrl-C is heard in runTraining
    etaBuffer: 50,
    barsize: 20,
  });
  let shown: SingleBar | undefined;
  return {
    step: (line) => {
      shown ??= view.create(steps, line.step, describe(line, batch));
      shown.update(line.step, describe(line, batch));
    },
    note: (text) => {
      if (shown) view.log(`${text}\n`);
      else stream.write(`${text}\n`);
    },
    stop: () => {
      if (!shown) return;
      view.update(); // prints the lines that still wait
      view.stop();
      shown = undefined;
    },
  };
}

function lines({ label, steps, batch, stream }: Required<ProgressOptions>): Progress {
  let printed = -Infinity;
  return {
    step: (line) => {
      if (line.time.seconds - printed < PLAIN_INTERVAL && line.step !== steps) return;
      printed = line.time.seconds;
      const { loss, speed } = describe(line, batch);
      stream.write(
        `${label} step ${line.step}/${steps} · loss ${loss} · ${speed} images/s · ${line.time.seconds.toFixed(0)} s\n`,
      );
    },
    note: (text) => stream.write(`${text}\n`),
    stop: () => undefined,
  };
}
