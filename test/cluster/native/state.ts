import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { runDir } from '../paths.ts';
import { files } from './files.ts';

/** A process that we started. Its start time tells it from a later one with the same pid. */
export interface RecordedProcess {
  readonly name: string;
  readonly pid: number;
  readonly startTicks: string;
  readonly command: readonly string[];
}

/** What a run made outside its own folder, written down before it is made, so that a killed run can be cleaned up. */
export interface State {
  readonly boot: string;
  readonly netns?: string;
  readonly hostLink?: string;
  readonly cgroup?: string;
  readonly ready?: boolean;
  readonly processes: readonly RecordedProcess[];
  /** Processes that the cluster does without: one that has ended is no reason to make it anew. */
  readonly helpers?: readonly RecordedProcess[];
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

export function readState(): State | undefined {
  try {
    return JSON.parse(readFileSync(files.state, 'utf8')) as State;
  } catch {
    return undefined;
  }
}

export function updateState(change: Partial<State>): void {
  mkdirSync(runDir, { recursive: true });
  const state: State = { ...(readState() ?? { boot: bootId(), processes: [] }), ...change };
  const temporary = `${files.state}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(state, null, 2));
  renameSync(temporary, files.state);
}
