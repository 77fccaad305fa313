import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Bridge } from '../../images/runtime/testing/bridge.ts';
import { printedBy } from '../../images/runtime/testing/extensions.ts';
import { logLines } from '../../images/runtime/testing/log-lines.ts';
import { repoDir } from '../cluster/paths.ts';
import { goHandler, pythonPackages, rustExtension } from '../extensions/build.ts';
import { pythonClient } from '../support/lambda-clients.ts';
import { until } from '../support/wait.ts';

/** Extensions as others have written them, unmodified, from crates.io, the Go proxy and PyPI, under the bridge as a process on this machine. */
const BUILD_MILLIS = 600_000;
const hasCargo = spawnSync('cargo', ['--version']).status === 0;
if (!hasCargo) console.log('AWS’s extension client for Rust is left out: there is no cargo here.');

let bridge: Bridge | undefined;
afterEach(() => bridge?.kill());

async function start(command: readonly string[], handler: string, root: string, env: Record<string, string>): Promise<Bridge> {
  bridge = await Bridge.start({
    control: '127.0.0.1:1',
    http: '127.0.0.1:1',
    env: { LULL_COMMAND: JSON.stringify(command), LULL_HANDLER: handler, LULL_TASK_ROOT: root, LULL_EXTENSIONS_DIR: '/nowhere', ...env },
  });
  return bridge;
}

const linesOf = (pod: Bridge, label: string): string[] =>
  logLines(pod.output)
    .filter((line) => line.label === label)
    .map(({ text }) => text);

describe.skipIf(!hasCargo)('lambda-extension, AWS’s crate', () => {
  it('hears of each invocation, of all telemetry, and of the end, beside AWS’s Python client', { timeout: BUILD_MILLIS }, async () => {
    const root = path.join(repoDir, 'images/runtime/testing/handlers');
    const env = { LULL_EXTENSIONS_DIR: await rustExtension(), AWS_EXECUTION_ENV: 'AWS_Lambda_python3.11' };
    const pod = await start(await pythonClient(), 'handlers.handler', root, env);
    const ids: string[] = [];
    for (const target of ['/print', '/calls']) ids.push(String((await pod.callByActivator({ path: target })).headers['x-amzn-requestid']));
    const told = () => printedBy(pod.output, 'watcher');
    await until('two reports', () =>
      Promise.resolve(told().filter((line) => line.startsWith('telemetry PlatformReport')).length === 2 || undefined),
    );
    pod.drain();
    expect(await pod.ended).toBe(0);
    expect(linesOf(pod, 'extension/watcher').filter((line) => line.startsWith('invoke'))).toEqual(
      ids.map((id) => `invoke ${id} of arn:aws:lambda:us-east-1:000000000000:function:f`),
    );
    expect(told().filter((line) => line.startsWith('shutdown'))).toEqual(['shutdown spindown']);
    const kinds = told().flatMap((line) => /^telemetry (\w+)/.exec(line)?.[1] ?? []);
    const invocation = (lines: number) => [
      'PlatformStart',
      ...new Array<string>(lines).fill('Function'),
      'PlatformRuntimeDone',
      'PlatformReport',
    ];
    expect(kinds.filter((kind) => kind !== 'Function')).toEqual([
      'PlatformInitStart',
      'PlatformTelemetrySubscription',
      'PlatformInitRuntimeDone',
      'PlatformExtension',
      'PlatformInitReport',
      ...invocation(0),
      ...invocation(0),
    ]);
    expect(told()).toContain('telemetry Function("to stdout")');
    expect(linesOf(pod, 'init')).toContain('EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE,SHUTDOWN]');
  });
});

it('AWS_LAMBDA_EXEC_WRAPPER, as layers bring it along, is put around the runtime', { timeout: 60_000 }, async () => {
  const wrapper = path.join(mkdtempSync(path.join(tmpdir(), 'lull-wrapper-')), 'wrapper');
  writeFileSync(wrapper, '#!/bin/sh\nexport WRAPPED="$#"\nexec "$@"\n', { mode: 0o755 });
  const root = path.join(repoDir, 'images/runtime/testing/handlers');
  const command = await pythonClient();
  const pod = await start(command, 'handlers.handler', root, { AWS_LAMBDA_EXEC_WRAPPER: wrapper });
  expect(JSON.parse((await pod.callByActivator({ path: '/environment' })).body)).toMatchObject({ WRAPPED: String(command.length) });
});

describe('internal extensions', () => {
  it('aws-lambda-go registers one to hear SIGTERM, and does', { timeout: BUILD_MILLIS }, async () => {
    const pod = await start([await goHandler()], 'bootstrap', repoDir, {});
    expect((await pod.callByActivator()).body).toBe('from go');
    expect((await pod.callByActivator()).body).toBe('from go');
    pod.drain();
    expect(await pod.ended).toBe(0);
    expect(linesOf(pod, 'init')).toEqual([expect.stringMatching(/^EXTENSION\tName: \S+\tState: Ready\tEvents: \[\]$/)]);
    expect(pod.output).toContain('heard SIGTERM');
  });

  it('lambda-sigterm from PyPI does, too, under AWS’s Python client', { timeout: BUILD_MILLIS }, async () => {
    const root = path.join(repoDir, 'test/extensions/python');
    // Only from 3.12 on AWS's client hears signals while it waits for an event; it goes by this name.
    const env = { PYTHONPATH: await pythonPackages(), AWS_EXECUTION_ENV: 'AWS_Lambda_python3.12' };
    const pod = await start(await pythonClient(), 'app.handler', root, env);
    expect((await pod.callByActivator()).body).toBe('from python');
    expect((await pod.callByActivator()).body).toBe('from python');
    pod.drain();
    expect(await pod.ended).toBe(0);
    expect(linesOf(pod, 'init')).toContain('EXTENSION\tName: lambda-sigterm\tState: Ready\tEvents: []');
    expect(pod.output).toContain('heard SIGTERM');
  });
});
