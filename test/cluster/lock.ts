import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { step } from './log.ts';
import { cacheDir } from './paths.ts';
import { startTicks } from './process-identity.ts';

/** One at a time: two runs of `up` would each clean up what the other has just made. */
export async function withLock<T>(work: () => Promise<T>): Promise<T> {
  const file = join(cacheDir, 'run.lock');
  mkdirSync(cacheDir, { recursive: true });
  for (let waited = false; !take(file); waited = true) {
    if (!waited) step('waiting for another run of this command');
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid} ${startTicks(process.pid)}`, { flag: 'wx' });
    return true;
  } catch {
    // Left by a run that was killed?
    if (!held(file)) rmSync(file, { force: true });
    return false;
  }
}

function held(file: string): boolean {
  try {
    const [pid, ticks] = readFileSync(file, 'utf8').split(' ');
    // An empty file is one that is being written.
    return !pid || startTicks(Number(pid)) === ticks;
  } catch {
    return false;
  }
}
