import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTicks } from '../process-identity.ts';
import { waitFor } from '../wait.ts';
import { addresses } from './addresses.ts';
import { files } from './files.ts';
import { type RecordedProcess, readState, updateState } from './state.ts';

/** What to run: one part of the cluster. */
export interface Part {
  readonly name: string;
  readonly command: readonly string[];
}

/**
 * Starts a part in the cluster's network namespace. It outlives us, its output goes to a file, and it is recorded at once.
 * `nsenter --net` and not `ip netns exec`: the latter makes a mount namespace too, and then containerd does not see the kubelet's mounts.
 */
export function startPart(part: Part): void {
  if (isAlive(part.name)) return;
  mkdirSync(files.logs, { recursive: true });
  const log = openSync(logFile(part.name), 'a');
  const child = spawn('nsenter', [`--net=/var/run/netns/${addresses.netns}`, '--', ...part.command], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
  });
  closeSync(log);
  child.on('error', () => {});
  child.unref();
  const ticks = child.pid === undefined ? undefined : startTicks(child.pid);
  if (child.pid === undefined || ticks === undefined) throw new Error(`${part.name} did not start: ${part.command.join(' ')}`);
  // nsenter replaces itself by the command: the pid and the start time stay.
  record({ name: part.name, pid: child.pid, startTicks: ticks, command: part.command });
}

function record(process: RecordedProcess): void {
  const others = (readState()?.processes ?? []).filter(({ name }) => name !== process.name);
  updateState({ processes: [...others, process] });
}

export function recorded(name: string): RecordedProcess | undefined {
  return readState()?.processes.find((process) => process.name === name);
}

/** Whether this very process still runs. */
export function runs(process: RecordedProcess): boolean {
  return startTicks(process.pid) === process.startTicks;
}

export function isAlive(name: string): boolean {
  const process = recorded(name);
  return process !== undefined && runs(process);
}

/** Ends a recorded process: asks first, insists after `graceMs`. */
export async function stopProcess(recorded: RecordedProcess, graceMs = 3000): Promise<void> {
  if (!runs(recorded)) return;
  process.kill(recorded.pid, 'SIGTERM');
  const gone = async (): Promise<boolean> => !runs(recorded);
  try {
    await waitFor(`end of ${recorded.name}`, graceMs, gone, 20);
  } catch {
    if (runs(recorded)) process.kill(recorded.pid, 'SIGKILL');
    await waitFor(`end of ${recorded.name}`, 5000, gone, 20);
  }
}

export function logFile(name: string): string {
  return join(files.logs, `${name}.log`);
}

/** Waits for a part to be ready; one that has ended meanwhile fails at once, with the end of its log. */
export async function untilReady(name: string, timeoutMs: number, check: () => Promise<boolean>): Promise<void> {
  let dead = false;
  const checkAlive = async (): Promise<boolean> => {
    dead = !isAlive(name);
    return dead || (await check());
  };
  try {
    await waitFor(`${name} ready`, timeoutMs, checkAlive);
  } catch (error) {
    throw new Error(`${name} is not ready after ${timeoutMs / 1000} s\n${logTail(name)}`, { cause: error });
  }
  if (dead) throw new Error(`${name} has ended\n${logTail(name)}`);
}

function logTail(name: string): string {
  return readFileSync(logFile(name), 'utf8').split('\n').slice(-15).join('\n');
}
