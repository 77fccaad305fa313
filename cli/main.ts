/** The command line. This file only wires; program.ts has the commands. */
import { run } from './program.ts';

// A reader that has seen enough (`lull import … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// The one place that reads them: a command line has no config.ts, its configuration is its arguments.
const { env } = process;
process.exitCode = run(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  env,
  isColoured: process.stderr.isTTY === true && !env['NO_COLOR'],
});
