/** How the user would type a further command: as this one was reached, through npm or as `pfc` itself. */

/** `callAgain("train", "--resume", "my run")` → `npm run pfc -- train --resume "my run"`. */
export function callAgain(...args: readonly string[]): string {
  const throughNpm = process.env.npm_lifecycle_event === "pfc" || process.env.npm_lifecycle_event === "start";
  return [throughNpm ? "npm run pfc --" : "pfc", ...args.map(quoted)].join(" ");
}

function quoted(word: string): string {
  return /^[\w./=:@+-]+$/.test(word) ? word : JSON.stringify(word);
}
