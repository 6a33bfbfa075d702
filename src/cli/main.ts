#!/usr/bin/env node
/** The `pfc` command: trains, evaluates, embeds and reports. Failures are one sentence and a non-zero exit. */
import { Command } from "commander";
import { endQuietlyOnClosedOutput } from "./endQuietlyOnClosedOutput.js";
import { benchCommand } from "./commands/bench.js";
import { clusterCommand } from "./commands/cluster.js";
import { embedCommand } from "./commands/embed.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { infoCommand } from "./commands/info.js";
import { predictCommand } from "./commands/predict.js";
import { qualityCommand } from "./commands/quality.js";
import { reportCommand } from "./commands/report.js";
import { retrieveCommand } from "./commands/retrieve.js";
import { revisitedCommand } from "./commands/revisited.js";
import { startCommand } from "./commands/start.js";
import { trainCommand } from "./commands/train.js";
import { version } from "./version.js";

const program = new Command("pfc")
  .description("Partial FC in TypeScript: margin softmax over a sample of the class centers")
  .version(version())
  .option("--debug", "show the stack trace of a failure")
  .showHelpAfterError("(pfc --help lists the commands)")
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "pfc: ")) });

for (const command of [
  startCommand(),
  trainCommand(),
  evaluateCommand(),
  embedCommand(),
  predictCommand(),
  clusterCommand(),
  qualityCommand(),
  retrieveCommand(),
  revisitedCommand(),
  reportCommand(),
  benchCommand(),
  infoCommand(),
]) {
  program.addCommand(behaveAlike(command, program, "pfc"));
}

/** Failures read the same in every command, and in the commands of a command. */
function behaveAlike(command: Command, parent: Command, path: string): Command {
  const name = `${path} ${command.name()}`;
  command.copyInheritedSettings(parent).showHelpAfterError(`(${name} --help lists the options)`);
  for (const inner of command.commands) behaveAlike(inner, command, name);
  return command;
}

endQuietlyOnClosedOutput();
try {
  await program.parseAsync();
} catch (error) {
  const debug = program.opts<{ debug?: boolean }>().debug === true;
  console.error(debug ? error : `pfc: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
