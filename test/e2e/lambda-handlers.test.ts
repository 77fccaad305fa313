import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeDigest } from '../../common/api/token.ts';
import { writeCode } from '../../images/runtime/code.ts';
import { requestLines } from '../../images/runtime/testing/log-lines.ts';
import { repoDir } from '../cluster/paths.ts';
import { javaHandlers } from '../handlers/build.ts';
import { CASES, type Case } from '../handlers/cases.ts';
import { LANGUAGES } from '../handlers/languages.ts';
import { Running } from '../handlers/running.ts';
import { table } from '../handlers/table.ts';
import { until } from '../support/wait.ts';

/**
 * Handlers as AWS documents them (examples/lambda), unchanged and with AWS's own client for their language, under the bridge as a process of this machine. It
 * needs no cluster, but the image from whose archive the Node client is taken, and compilers, whose results are kept in the cache.
 */
describe('examples/lambda', { timeout: 60_000 }, () => {
  const passed = new Set<Case>();
  beforeAll(async () => {
    // Not at once: there are two cores, and compilers use both.
    for (const prepare of Object.values(LANGUAGES)) await prepare('greet');
  }, 900_000);
  afterAll(() => process.stdout.write(`\n${table(CASES, passed)}\n`));

  it.each(CASES.map((one) => [one.language, one.handler, one.shows, one] as const))(
    '%s, %s: %s',
    async (_language, _handler, _shows, one) => {
      const running = await Running.start(one.language, one.handler, one.env);
      try {
        await one.check(running);
        passed.add(one);
      } finally {
        running.stop();
      }
    },
  );

  it('the table of docs/guides/languages.md is this one', () => {
    expect(readFileSync(path.join(repoDir, 'docs/guides/languages.md'), 'utf8')).toContain(table(CASES, new Set(CASES)));
  });

  it('logs a compiled handler’s lines under its request, and says which runtime it is', async () => {
    const running = await Running.start('Go', 'context');
    const { requestId } = await running.invoke({});
    await until('its line', () =>
      Promise.resolve(requestLines(running.bridge.output, requestId).some((line) => line.includes('invocation 1'))),
    );
    expect(running.bridge.output).toContain('INIT_START Runtime Version: provided\t');
    running.stop();
  });

  it('Java’s launcher waits for the code', async () => {
    const { command } = await LANGUAGES.Java('Greet');
    const api = createServer((req, res) => {
      asked.push(req.url ?? '');
      // No event, for ever.
      if (!req.url?.endsWith('/next')) res.end();
    });
    const asked: string[] = [];
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const root = mkdtempSync(path.join(tmpdir(), 'lull-java-'));
    const env = {
      PATH: process.env['PATH'],
      _HANDLER: 'example.Greet',
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(api.address() as AddressInfo).port}`,
    };
    const [file = '', ...args] = command;
    const child = spawn(file, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    // Longer than it takes to load.
    await sleep(1500);
    expect([asked, child.exitCode]).toEqual([[], null]);
    cpSync(await javaHandlers(), root, { recursive: true });
    (child.stdio[3] as Writable).end('\n');
    await until('it asks for an event', () => Promise.resolve(asked[0]));
    expect(asked[0]).toBe('/2018-06-01/runtime/invocation/next');
    child.kill('SIGKILL');
    api.closeAllConnections();
    api.close();
    rmSync(root, { recursive: true });
  });

  const NOT_STARTED: [string, (file: string) => void, string][] = [
    ['no bootstrap', () => undefined, "Couldn't find valid bootstrap(s): [ROOT/bootstrap /opt/bootstrap]"],
    [
      'one that may not be executed',
      (file) => writeFileSync(file, '#!/bin/sh\n', { mode: 0o644 }),
      'fork/exec ROOT/bootstrap: permission denied',
    ],
    ['one that is no program', (file) => writeFileSync(file, 'exit 0\n', { mode: 0o755 }), 'fork/exec ROOT/bootstrap: exec format error'],
    [
      'one without its interpreter',
      (file) => writeFileSync(file, '#!/no/such\n', { mode: 0o755 }),
      'fork/exec ROOT/bootstrap: no such file or directory',
    ],
  ];
  it.each(NOT_STARTED)('%s is told as AWS tells it', async (_what, write, words) => {
    const root = mkdtempSync(path.join(tmpdir(), 'lull-bootstrap-'));
    write(path.join(root, 'bootstrap'));
    const running = await Running.start('Go', 'greet', { LULL_TASK_ROOT: root });
    const { error, result, requestId } = await running.invoke({});
    expect([error, result]).toEqual([
      'Unhandled',
      { errorType: 'Runtime.InvalidEntrypoint', errorMessage: `RequestId: ${requestId} Error: ${words.replace('ROOT', root)}` },
    ]);
    expect(running.bridge.output).toMatch(/INIT_REPORT .*Error Type: Runtime.InvalidEntrypoint/);
    running.stop();
    rmSync(root, { recursive: true });
  });

  it('a shell script is a runtime, as in AWS’s tutorial', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'lull-bootstrap-'));
    const files = { bootstrap: readFileSync(path.join(repoDir, 'examples/lambda/shell/bootstrap'), 'utf8') };
    writeCode(files, codeDigest(files), root);
    const running = await Running.start('Go', 'greet', { LULL_TASK_ROOT: root });
    expect((await running.invoke({ a: 1 })).result).toEqual({ echo: { a: 1 } });
    running.stop();
    rmSync(root, { recursive: true });
  });
});
