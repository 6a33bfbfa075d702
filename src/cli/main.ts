#!/usr/bin/env node
/** The `pfc` command: trains, evaluates, embeds and reports. Failures are one sentence and a non-zero exit. */
import { Command } from "commander";
import { embedCommand } from "./commands/embed.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { infoCommand } from "./commands/info.js";
import { reportCommand } from "./commands/report.js";
import { startCommand } from "./commands/start.js";
import { trainCommand } from "./commands/train.js";

const program = new Command("pfc")
  .description("Partial FC in TypeScript: margin softmax over a sample of the class centers")
  .option("--debug", "show the stack trace of a failure")
  .showHelpAfterError("(pfc --help lists the commands)");

for (const command of [
  startCommand(),
  trainCommand(),
  evaluateCommand(),
  embedCommand(),
  reportCommand(),
  infoCommand(),
]) {
  program.addCommand(command);
}

try {
  await program.parseAsync();
} catch (error) {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  console.error(program.opts<{ debug?: boolean }>().debug ? stack : `pfc: ${message}`);
  process.exitCode = 1;
}
