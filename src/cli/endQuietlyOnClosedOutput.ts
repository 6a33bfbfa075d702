/** When whoever read the output is gone (`pfc … | head`): no stack trace, and a run in progress is saved first. */

/** Exit status as shells give it to a command that wrote into a closed pipe: 128 and the number of SIGPIPE. */
const CLOSED_PIPE = 141;

export function endQuietlyOnClosedOutput(): void {
  let closed = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (closed) return;
      closed = true;
      // a training listens for this signal, saves and stops; everything else ends here
      if (!process.emit("SIGTERM", "SIGTERM")) process.exit(CLOSED_PIPE);
    });
  }
}
