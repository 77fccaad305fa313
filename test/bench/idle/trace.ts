import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';

/** Calls by function: their times in seconds, ascending, from 0. */
export type Trace = ReadonlyMap<string, readonly number[]>;

/** Reads lines of `time,function`, in any order: seconds from any zero (the epoch, too), or a date as ISO 8601 has it. A heading, and quotes, may be there. */
export async function readTrace(file: string): Promise<Trace> {
  return parseTrace(createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY }));
}

export async function parseTrace(lines: AsyncIterable<string> | Iterable<string>): Promise<Trace> {
  const calls = new Map<string, number[]>();
  let number = 0;
  let first = Number.POSITIVE_INFINITY;
  for await (const line of lines) {
    number += 1;
    const [stamp = '', name = ''] = line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    if (line.trim() === '' || (number === 1 && stamp === 'time')) continue;
    const time = stamp === '' ? Number.NaN : Number.isNaN(Number(stamp)) ? Date.parse(stamp) / 1000 : Number(stamp);
    if (!Number.isFinite(time) || name === '') throw new Error(`line ${number}: "${line}" is not time,function`);
    const times = calls.get(name);
    if (times) times.push(time);
    else calls.set(name, [time]);
    first = Math.min(first, time);
  }
  return new Map([...calls].map(([name, times]) => [name, times.map((time) => time - first).sort((a, b) => a - b)]));
}

export async function writeTrace(file: string, trace: Trace): Promise<void> {
  const stream = createWriteStream(file);
  stream.write('time,function\n');
  for (const [name, times] of trace) {
    const lines = times.map((time) => `${time.toFixed(3)},${name}\n`).join('');
    if (!stream.write(lines)) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
}

/** When the last call of all was, in seconds. */
export function endOf(trace: Trace): number {
  return [...trace.values()].reduce((end, times) => Math.max(end, times.at(-1) ?? 0), 0);
}
