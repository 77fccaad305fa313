import { Command, CommanderError } from 'commander';
import { importCommand } from './import-command.ts';
import { EXIT, type Io } from './io.ts';

/** Runs `lull ARGUMENTS…`; gives the exit code and never throws for what a user may do wrong. */
export function run(args: readonly string[], io: Io): number {
  let code: number = EXIT.ok;
  const program = new Command('lull').description('Functions on any Kubernetes that cost nothing while nobody calls them.');
  program.addCommand(
    importCommand(io, (exit) => {
      code = exit;
    }),
  );
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: io.stdout, writeErr: io.stderr });
    command.showHelpAfterError(`(${command === program ? 'lull' : `lull ${command.name()}`} --help says more)`);
  }
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return code;
}
