import { writeSync } from 'node:fs';

/** Writes one line to the container's log. `label`: a request's id, `init`, `extension/NAME` or `lull` (the bridge itself). The level is for JSON. */
export type Log = (label: string, line: string, level?: 'INFO' | 'ERROR') => void;

/** As AWS's LoggingConfig names them. */
export type LogFormat = 'Text' | 'JSON';

/** Text: lines as "TIME FUNCTION LABEL TEXT". JSON: one object a line. */
export function createLog(fn: string, format: LogFormat = 'Text', write: (text: string) => void = batched(writeStdout)): Log {
  if (format === 'JSON') return (label, line, level = 'INFO') => write(`${toJson(label, line, level)}\n`);
  const time = isoClock();
  return (label, line) => write(`${time()} ${fn} ${label} ${line}\n`);
}

/** The time in ISO 8601. Most lines come in the same millisecond as the one before. */
function isoClock(): () => string {
  let millis = 0;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== millis) {
      millis = now;
      text = new Date(now).toISOString();
    }
    return text;
  };
}

/** What is a JSON object already stays as it is; anything else is told as AWS's runtimes tell what was logged in JSON. */
function toJson(label: string, line: string, level: string): string {
  if (isJsonObject(line)) return line;
  const about = label === 'init' || label === 'lull' || label.startsWith('extension/') ? { logger: label } : { requestId: label };
  return JSON.stringify({ timestamp: new Date().toISOString(), level, message: line, ...about });
}

function isJsonObject(line: string): boolean {
  if (!line.startsWith('{') || !line.endsWith('}')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Lines are kept for so long, so that START, END and REPORT of a short invocation are one write: 22 µs each, a fifth of what the bridge does for it. */
const BATCH_MILLIS = 2;
/** And while there is one write after another for so long: lines that follow others at once are seen no later by anybody, and a write a request is what they cost. */
const BUSY_MILLIS = 20;
const BATCH_CHARACTERS = 16 * 1024;

/** Nothing is lost but what a SIGKILL takes: what is kept is written at the process's exit. */
function batched(write: (text: string) => void): (text: string) => void {
  let kept = '';
  let timer: NodeJS.Timeout | undefined;
  let flushed = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    const text = kept;
    kept = '';
    clearTimeout(timer);
    timer = undefined;
    flushed = performance.now();
    if (text !== '') write(text);
  };
  process.on('exit', flush);
  return (text) => {
    kept += text;
    timer ??= setTimeout(flush, Math.max(BATCH_MILLIS, flushed + BUSY_MILLIS - performance.now()));
    if (kept.length >= BATCH_CHARACTERS) flush();
  };
}

/** Straight to the descriptor: process.stdout costs 2 ms and 0.4 MiB at its first use, and is synchronous for a pipe too. */
function writeStdout(text: string): void {
  let rest = Buffer.from(text);
  for (let tries = 0; rest.length > 0 && tries < 200; tries++) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // The reader is slow and the pipe non-blocking: wait a little; a reader that is gone must not end the function.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
