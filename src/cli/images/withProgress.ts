/** What commands over many images say on standard error: how far they are, and what they could not read. */
import { SingleBar } from "cli-progress";
import type { SkippedImage } from "../../training/imageSource.js";

/** A bar on a terminal, nothing elsewhere. */
export async function withProgress<T>(
  label: string,
  total: number,
  work: (onProgress: (done: number) => void) => Promise<T>,
): Promise<T> {
  if (!process.stderr.isTTY) return work(() => undefined);
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total} images · {eta_formatted} left`,
    clearOnComplete: true,
  });
  bar.start(total, 0);
  try {
    return await work((done) => bar.update(done));
  } finally {
    bar.stop();
  }
}

/** `total`: images in all. */
export function reportSkipped(skipped: readonly SkippedImage[], total: number): void {
  for (const { reason } of skipped) console.error(`skipped: ${reason}`);
  if (skipped.length > 0) console.error(`${skipped.length} of ${total} images could not be read and were skipped`);
}
