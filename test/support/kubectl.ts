import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { stringify } from 'yaml';

const run = promisify(execFile);

export interface KubectlResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs kubectl; never throws for its exit code. */
export function kubectl(args: string[], input?: string): Promise<KubectlResult> {
  return new Promise((resolve) => {
    const child = execFile('kubectl', args, { maxBuffer: 64 << 20, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, stdout, stderr });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Runs kubectl and throws, with what it said, when it fails. */
export async function must(args: string[], input?: string): Promise<string> {
  const result = await kubectl(args, input);
  if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr || result.stdout}`);
  return result.stdout;
}

/** `kubectl apply -f -` of objects. */
export function apply(...objects: object[]): Promise<string> {
  return must(['apply', '-f', '-'], objects.map((object) => stringify(object)).join('---\n'));
}

export async function getJson<T>(args: string[]): Promise<T> {
  return JSON.parse(await must(['get', ...args, '-o', 'json'])) as T;
}

/** A process other than kubectl, with its output. */
export async function command(file: string, args: string[], env?: Record<string, string>): Promise<string> {
  const { stdout } = await run(file, args, { maxBuffer: 64 << 20, env: { ...process.env, ...env } });
  return stdout;
}
