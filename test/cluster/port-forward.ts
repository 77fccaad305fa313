import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from './exec.ts';
import { runDir } from './paths.ts';
import { startTicks } from './process-identity.ts';
import { waitFor } from './wait.ts';

interface Forward {
  readonly pid: number;
  readonly startTicks: string;
  readonly url: string;
}

const file = (namespace: string, service: string): string => join(runDir, `port-forward-${namespace}-${service}.json`);

/** For a cluster whose Services this machine does not reach: a `kubectl port-forward` that outlives us, recorded for `down`. */
export async function forward(kubeconfig: string, namespace: string, service: string): Promise<string | undefined> {
  const running = read(namespace, service);
  if (running) return running.url;
  const named = ['--kubeconfig', kubeconfig, '-n', namespace];
  if (!(await exec('kubectl', [...named, 'get', 'service', service, '--ignore-not-found', '-o', 'name']))) return undefined;
  mkdirSync(runDir, { recursive: true });
  const log = join(runDir, `port-forward-${namespace}-${service}.log`);
  const output = openSync(log, 'w');
  const child = spawn('kubectl', [...named, 'port-forward', `service/${service}`, ':80'], {
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.on('error', () => {});
  child.unref();
  const ticks = child.pid === undefined ? undefined : startTicks(child.pid);
  if (child.pid === undefined || ticks === undefined) throw new Error('kubectl port-forward did not start');
  let port: string | undefined;
  await waitFor('port-forward', 15_000, async () => {
    port = /127\.0\.0\.1:(\d+)/.exec(readFileSync(log, 'utf8'))?.[1];
    return port !== undefined;
  });
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(file(namespace, service), JSON.stringify({ pid: child.pid, startTicks: ticks, url } satisfies Forward));
  return url;
}

export function stopForward(namespace: string, service: string): void {
  const running = read(namespace, service);
  if (running) process.kill(running.pid, 'SIGTERM');
  rmSync(file(namespace, service), { force: true });
}

function read(namespace: string, service: string): Forward | undefined {
  try {
    const recorded = JSON.parse(readFileSync(file(namespace, service), 'utf8')) as Forward;
    return startTicks(recorded.pid) === recorded.startTicks ? recorded : undefined;
  } catch {
    return undefined;
  }
}
