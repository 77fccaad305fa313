import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { LineSplitter } from './lines.ts';
import { descendantsPeakBytes, peakMemoryBytes } from './memory.ts';

/** A launcher (images/python/launch.py, images/nodejs/launch.mjs) boots at once and waits on descriptor 3 for the code; any other command needs it there. */
const LAUNCHER = /(^|\/)launch\.[a-z]+$/;

export function waitsForCode(command: readonly string[]): boolean {
  return command.some((word) => LAUNCHER.test(word));
}

/** A peak is read no more often than this, and does not go away; reading it takes 20 µs. */
const MEMORY_MILLIS = 20;
/** Of what it started it does go away; reading that takes 200 µs, since Node has eleven threads that may have started something. */
const DESCENDANTS_MILLIS = 200;

export interface ProcessOptions {
  command: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** It is told on descriptor 3 when the code is there. */
  waitsForCode: boolean;
  /** It loads modules ahead, and says on descriptor 4 that it has. */
  onPreloaded?: () => void;
  onLine: (line: string) => void;
  /** After the process has ended and all it wrote was handed to onLine. */
  onExit: (code: number | null, signal: NodeJS.Signals | null, error: Error | undefined) => void;
}

/** One operating-system process, in a group of its own so that what it started ends with it. */
export class HandlerProcess {
  readonly started = performance.now();
  readonly #child: ChildProcess;
  readonly #go: Writable | null;
  readonly #splitters: LineSplitter[] = [];
  #onLine: ProcessOptions['onLine'];
  #onExit: ProcessOptions['onExit'];
  #env: Readonly<Record<string, string>> | undefined;
  #ended = false;
  #peakBytes = 0;
  #peakRead = Number.NEGATIVE_INFINITY;
  #descendantsBytes = 0;
  #descendantsRead = Number.NEGATIVE_INFINITY;

  constructor(options: ProcessOptions) {
    const [file, ...args] = options.command;
    this.#onLine = options.onLine;
    this.#onExit = options.onExit;
    this.#child = spawn(file as string, args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: [
        'ignore',
        'pipe',
        'pipe',
        ...(options.waitsForCode ? ['pipe' as const] : []),
        ...(options.onPreloaded ? ['pipe' as const] : []),
      ],
    });
    this.#go = (this.#child.stdio[3] ?? null) as Writable | null;
    this.#go?.on('error', () => undefined);
    const preloaded = options.onPreloaded && this.#child.stdio[4];
    preloaded?.on('error', () => undefined);
    preloaded?.once('data', () => {
      preloaded.destroy();
      options.onPreloaded?.();
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      const splitter = new LineSplitter((line) => this.#onLine(line));
      this.#splitters.push(splitter);
      stream?.on('data', (chunk: Buffer) => splitter.push(chunk));
      stream?.on('error', () => undefined);
    }
    const ended = (code: number | null, signal: NodeJS.Signals | null, error?: Error): void => {
      if (this.#ended) return;
      this.#ended = true;
      // What it left running in its group would hold memory and the pipes.
      this.#signal('SIGKILL');
      this.flushLines();
      this.#onExit(code, signal, error);
    };
    this.#child.on('error', (error) => ended(null, null, error));
    // `close` comes when the pipes are read to their end, so nothing that it wrote is lost; a grandchild may hold them, so it is not waited for over 200 ms.
    this.#child.on('exit', (code, signal) => {
      this.#signal('SIGKILL');
      setTimeout(() => ended(code, signal), 200).unref();
    });
    this.#child.on('close', (code, signal) => ended(code, signal));
  }

  /** The most memory that it and what it started have held at once, as far as it was looked at; 0 when it never was. */
  peakMemoryBytes(): number {
    const now = performance.now();
    if (now - this.#descendantsRead >= DESCENDANTS_MILLIS) this.samplePeakMemory(now);
    else if (now - this.#peakRead >= MEMORY_MILLIS) this.#samplePeak(now);
    return this.#peakBytes;
  }

  /** Looks now: it is about to end, or may soon. */
  samplePeakMemory(now = performance.now()): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    this.#descendantsRead = now;
    this.#descendantsBytes = descendantsPeakBytes(pid);
    this.#samplePeak(now);
  }

  #samplePeak(now: number): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    this.#peakRead = now;
    this.#peakBytes = Math.max(this.#peakBytes, peakMemoryBytes(pid) + this.#descendantsBytes);
  }

  /** Hands out what it has written without an end of line. */
  flushLines(): void {
    for (const splitter of this.#splitters) splitter.flush();
  }

  /** Started before it was known whose it would be: from now on it has this environment, which it takes over before it looks at the code. */
  adopt({ env, onLine, onExit }: Pick<ProcessOptions, 'env' | 'onLine' | 'onExit'>): void {
    this.#env = env;
    this.#onLine = onLine;
    this.#onExit = onExit;
  }

  /** The code is there. */
  go(): void {
    this.#go?.end(this.#env ? `${JSON.stringify({ env: this.#env })}\n` : '\n');
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (!this.#ended) this.#signal(signal);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group has no process any more.
    }
  }
}
