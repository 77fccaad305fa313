import { spawn } from 'node:child_process';

export interface ExecOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with every line of stderr, as it comes. */
  readonly onStderr?: (line: string) => void;
  readonly timeoutMs?: number;
}

/** Runs a command to its end and returns its stdout; a failure carries what it said on stderr. */
export function exec(command: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      if (options.onStderr) for (const line of chunk.split('\n')) if (line !== '') options.onStderr(line);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${command} ${args.join(' ')}: ${signal ?? `exit ${code}`}\n${(stderr || stdout).trim().slice(-4000)}`));
    });
    // A command that does not read its stdin closes it early; that is no failure.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** Whether the command succeeds. */
export function succeeds(command: string, args: readonly string[], options: ExecOptions = {}): Promise<boolean> {
  return exec(command, args, options).then(
    () => true,
    () => false,
  );
}
