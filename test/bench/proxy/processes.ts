import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { cacheDir } from '../../cluster/paths.ts';

const here = import.meta.dirname;
const running: ChildProcess[] = [];
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Keeps this process, which holds thousands of connections, off the proxies' core. */
export function pin(core: number): void {
  execFileSync('taskset', ['-a', '-cp', String(core), String(process.pid)], { stdio: 'ignore' });
}

/** Builds the Go reference once for each state of its source; returns the binary. */
export function buildReference(): string {
  const source = path.join(here, 'reference');
  const hash = createHash('sha256')
    .update(readFileSync(path.join(source, 'main.go')))
    .digest('hex')
    .slice(0, 12);
  const binary = path.join(cacheDir, 'bin', `bench-reference-${hash}`);
  if (!existsSync(binary)) {
    mkdirSync(path.dirname(binary), { recursive: true });
    execFileSync('go', ['build', '-o', binary, '.'], { cwd: source, stdio: 'inherit' });
  }
  return binary;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a process on one core; resolves when it says that it listens. */
export async function start(core: number, command: string, args: string[], env: Record<string, string> = {}): Promise<ChildProcess> {
  const child = spawn('taskset', ['-c', String(core), command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  return child;
}

/** What the activator's process says of itself. */
export interface Figures {
  rss: number;
  heapUsed: number;
  connections: number;
  open: number;
  functions: { name: string; held: number; demand: number; classes: number[]; left: number; errors: Record<string, number> }[];
}

export interface ActivatorProcess {
  pid: number;
  port: number;
  add(fn: { name: string; port?: number; concurrency?: number }): void;
  figures(): Promise<Figures>;
  stop(): void;
}

/** The activator, with the flags of its image, on one core. */
export async function startActivator(core: number, env: Record<string, string> = {}): Promise<ActivatorProcess> {
  const child = fork(path.join(here, 'activator.ts'), {
    execArgv: [...(process.env['FLAGS'] ?? '--max-semi-space-size=8').split(' '), '--expose-gc'],
    env: { ...process.env, MALLOC_ARENA_MAX: '1', ...env },
  });
  running.push(child);
  execFileSync('taskset', ['-a', '-cp', String(core), String(child.pid)], { stdio: 'ignore' });
  const { port } = await new Promise<{ port: number }>((resolve) =>
    child.once('message', (message) => resolve(message as { port: number })),
  );
  return {
    pid: child.pid as number,
    port,
    add: (fn) => void child.send(fn),
    figures: () => {
      child.send('figures');
      return new Promise((resolve) => child.once('message', (message) => resolve(message as Figures)));
    },
    stop: () => void child.kill('SIGTERM'),
  };
}

/** CPU that a process, or a thread group, has used so far: microseconds, in steps of 10,000. */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

export interface LoadResult {
  requests: number;
  errors: number;
  seconds: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  worst: number;
}

export interface LoadOptions {
  core: number;
  /** 127.0.0.1 when left out. */
  address?: string;
  port: number;
  host: string;
  path: string;
  connections: number;
  seconds: number;
  bodyBytes?: number;
  /** Requests a second; as many as go when left out. */
  rate?: number;
}

/** Runs the load in a process of its own. */
export async function load(binary: string, options: LoadOptions): Promise<LoadResult> {
  const { core, port, host, path: target, connections, seconds, bodyBytes = 0, rate = 0, address = '127.0.0.1' } = options;
  const args = ['load', `${address}:${port}`, host, target, connections, seconds, bodyBytes, rate].map(String);
  const child = spawn('taskset', ['-c', String(core), binary, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(out) as LoadResult;
}
