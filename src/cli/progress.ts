/** Shows a training run: a progress bar on a terminal, a plain line every few seconds elsewhere. */
import { SingleBar } from "cli-progress";
import type { StepLine } from "../training/metrics.js";

export interface Progress {
  step(line: StepLine): void;
  /** Prints a line of its own without tearing the bar. */
  note(text: string): void;
  stop(): void;
}

/** Seconds between two plain lines. */
const PLAIN_INTERVAL = 10;

export function progress(label: string, steps: number, batch: number): Progress {
  return process.stdout.isTTY ? bar(label, steps, batch) : lines(label, steps, batch);
}

function describe(line: StepLine, batch: number): { loss: string; speed: string } {
  return { loss: line.loss.toFixed(3), speed: ((1000 * batch) / line.time.stepMilliseconds).toFixed(0) };
}

function bar(label: string, steps: number, batch: number): Progress {
  const view = new SingleBar({
    format: `${label} {bar} {value}/{total} · loss {loss} · {speed} images/s · {eta_formatted} left`,
    hideCursor: true,
    etaBuffer: 50,
  });
  let started = false;
  return {
    step: (line) => {
      if (!started) view.start(steps, line.step, describe(line, batch));
      started = true;
      view.update(line.step, describe(line, batch));
    },
    note: (text) => {
      process.stdout.write(`\r\u001b[K${text}\n`);
    },
    stop: () => view.stop(),
  };
}

function lines(label: string, steps: number, batch: number): Progress {
  let printed = -Infinity;
  return {
    step: (line) => {
      if (line.time.seconds - printed < PLAIN_INTERVAL && line.step !== steps) return;
      printed = line.time.seconds;
      const { loss, speed } = describe(line, batch);
      console.log(
        `${label} step ${line.step}/${steps} · loss ${loss} · ${speed} images/s · ${line.time.seconds.toFixed(0)} s`,
      );
    },
    note: (text) => console.log(text),
    stop: () => undefined,
  };
}
