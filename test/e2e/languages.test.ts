import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repoDir, runDir } from '../cluster/paths.ts';
import { awsCli } from '../conformance/lambda-api/clients.ts';
import { issueKeys, type Keys, revokeKeys, untilKeysKnown } from '../conformance/lambda-api/keys.ts';
import { goHandlers, javaHandlers, rustHandlers } from '../handlers/build.ts';
import { lullFunction, untilReady, withNamespace } from '../support/functions.ts';
import { hostAddress } from '../support/host-address.ts';
import { lullUrl } from '../support/http.ts';
import { apply, command, getJson, kubectl } from '../support/kubectl.ts';

const ns = 'e2e-languages';
const example = (file: string): string => readFileSync(path.join(repoDir, 'examples/lambda', file), 'utf8');
const nodeCode = { handler: 'greet.handler', code: { inline: { 'greet.mjs': example('nodejs/greet.mjs') } } };
const pythonCode = { handler: 'greet.lambda_handler', code: { inline: { 'greet.py': example('python/greet.py') } } };

/** Versions whose images are built by name only: run where they are loaded. */
const OPTIONAL: Record<string, { image: string; spec: Record<string, unknown> }> = {
  'nodejs20.x': { image: 'nodejs20', spec: nodeCode },
  'nodejs22.x': { image: 'nodejs22', spec: nodeCode },
  'python3.13': { image: 'python313', spec: pythonCode },
};
const loadedFile = path.join(runDir, 'loaded-images.json');
const loaded = existsSync(loadedFile) ? (JSON.parse(readFileSync(loadedFile, 'utf8')) as Record<string, string>) : {};

/** A function of each language, woken from zero by the AWS CLI through the activator. What is compiled comes to its pod from a server of this machine. */
describe('greet, in every language, on the cluster', { timeout: 120_000 }, () => {
  const files = new Map<string, Buffer>();
  const server = createServer((req, res) => {
    const file = files.get(req.url ?? '');
    if (file) res.end(file);
    else res.writeHead(404).end();
  });
  const out = mkdtempSync(path.join(tmpdir(), 'lull-languages-'));
  let keys: Keys;
  let origin = '';

  beforeAll(async () => {
    const [go, rust, java] = [await goHandlers(), await rustHandlers(), await javaHandlers()];
    files.set('/go', readFileSync(path.join(go, 'greet/bootstrap')));
    files.set('/rust', readFileSync(path.join(rust, 'greet/bootstrap')));
    files.set('/java', execFileSync('tar', ['cz', '-C', java, '.'], { maxBuffer: 64 << 20 }));
    const host = await hostAddress();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    origin = `http://${host}:${(server.address() as AddressInfo).port}`;
    const since = new Date();
    keys = await issueKeys([ns]);
    await withNamespace(ns);
    await untilKeysKnown(since);
  }, 900_000);
  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    rmSync(out, { recursive: true });
    await revokeKeys();
    await kubectl(['delete', 'runtime', 'e2e-java', '--ignore-not-found']);
    await kubectl(['delete', 'namespace', ns, '--wait=false']);
  });

  async function invoke(name: string, payload: object): Promise<{ said: Record<string, unknown>; result: unknown }> {
    const file = path.join(out, `${name}.json`);
    const args = ['--endpoint-url', lullUrl().origin, '--cli-read-timeout', '110', 'lambda', 'invoke', '--function-name', name];
    const said = await command(await awsCli(), [...args, '--payload', JSON.stringify(payload), file], {
      AWS_ACCESS_KEY_ID: keys.all.id,
      AWS_SECRET_ACCESS_KEY: keys.all.secret,
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_CONFIG_FILE: '/dev/null',
    });
    return { said: JSON.parse(said) as Record<string, unknown>, result: JSON.parse(readFileSync(file, 'utf8')) };
  }

  /** Greets, fails, and greets again. */
  async function greets(name: string, spec: Record<string, unknown>): Promise<void> {
    await apply(lullFunction(name, ns, { scale: { idleSeconds: 60 }, ...spec }));
    await untilReady(name, ns);
    const first = await invoke(name, { name: 'Ada' });
    expect(first).toEqual({ said: { StatusCode: 200, ExecutedVersion: '$LATEST' }, result: { message: 'Hello Ada!' } });
    const failed = await invoke(name, { name: '' });
    expect(failed.said['FunctionError']).toBe('Unhandled');
    expect(failed.result).toMatchObject({ errorMessage: 'received no name' });
    expect((await invoke(name, { name: 'Eve' })).result).toEqual({ message: 'Hello Eve!' });
  }

  /** A bootstrap that is a script, and becomes the program that it downloads. */
  const bootstrap = (name: string): string =>
    `#!/bin/sh\nset -e\ncurl -sSf ${origin}/${name} -o /tmp/bootstrap\nchmod +x /tmp/bootstrap\nexec /tmp/bootstrap\n`;

  it('Python', () => greets('greet-python', { runtime: 'python3.11', ...pythonCode }));
  it('Node', () => greets('greet-node', { runtime: 'nodejs24.x', ...nodeCode }));
  it('Go', () =>
    greets('greet-go', { runtime: 'provided.al2023', handler: 'bootstrap', code: { inline: { bootstrap: bootstrap('go') } } }));
  it('Rust', () => greets('greet-rust', { runtime: 'provided', handler: 'bootstrap', code: { inline: { bootstrap: bootstrap('rust') } } }));

  it('Java', async () => {
    const { spec } = await getJson<{ spec: { image: string; command: string[] } }>(['runtime', 'java17']);
    // As java17, but for where the code comes from: classes are no text that could be given inline.
    const fetch = `fetch('${origin}/java').then((answer) => answer.arrayBuffer()).then((bytes) => require('fs').writeFileSync('/tmp/java.tgz', Buffer.from(bytes)))`;
    const start = `set -e\nnode -e "${fetch}"\nmkdir -p /tmp/java\ntar xzf /tmp/java.tgz -C /tmp/java\ncd /tmp/java\nexec ${spec.command.join(' ')}\n`;
    await apply({
      apiVersion: 'lull.dev/v1alpha1',
      kind: 'Runtime',
      metadata: { name: 'e2e-java' },
      spec: { image: spec.image, command: ['sh', 'start.sh'] },
    });
    await greets('greet-java', { runtime: 'e2e-java', handler: 'example.Greet', code: { inline: { 'start.sh': start } } });
  });

  it('a bootstrap that is not there is told as AWS tells it', async () => {
    await apply(lullFunction('nothing', ns, { runtime: 'provided', handler: 'bootstrap', code: { inline: { 'a.txt': 'no program' } } }));
    await untilReady('nothing', ns);
    const { said, result } = await invoke('nothing', {});
    expect(said['FunctionError']).toBe('Unhandled');
    expect(result).toEqual({
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage: expect.stringMatching(
        /^RequestId: \S+ Error: Couldn't find valid bootstrap\(s\): \[\/var\/task\/bootstrap \/opt\/bootstrap\]$/,
      ),
    });
  });

  for (const [runtime, { image, spec }] of Object.entries(OPTIONAL)) {
    if (loaded[image]) it(runtime, () => greets(`greet-${image}`, { runtime, ...spec }));
    else process.stderr.write(`not run: ${runtime}, whose image is built by name only (make images IMAGES=${image})\n`);
  }
});
