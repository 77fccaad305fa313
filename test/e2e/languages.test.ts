import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repoDir, runDir } from '../cluster/paths.ts';
import { awsLambda } from '../conformance/lambda-api/aws-cli.ts';
import { issueKeys, type Keys, revokeKeys, untilKeysKnown } from '../conformance/lambda-api/keys.ts';
import { goHandlers, javaHandlers, rustHandlers } from '../handlers/build.ts';
import { tgzOf } from '../support/archives.ts';
import { lullFunction, untilReady, withNamespace } from '../support/functions.ts';
import { apply, kubectl } from '../support/kubectl.ts';
import { SourceServer } from '../support/source-server.ts';

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

/** A function of each language, woken from zero by the AWS CLI through the activator. What is compiled comes as an archive by URL. */
describe('greet, in every language, on the cluster', { timeout: 120_000 }, () => {
  const server = new SourceServer();
  const out = mkdtempSync(path.join(tmpdir(), 'lull-languages-'));
  let keys: Keys;

  beforeAll(async () => {
    await server.start();
    const since = new Date();
    keys = await issueKeys([ns]);
    await withNamespace(ns);
    await untilKeysKnown(since);
  }, 200_000);
  afterAll(async () => {
    await server.close();
    rmSync(out, { recursive: true });
    await revokeKeys();
    await kubectl(['delete', 'namespace', ns, '--wait=false']);
  });

  /** A folder as spec.code. */
  function archived(name: string, folder: string): object {
    const bytes = execFileSync('tar', ['cz', '-C', folder, '.'], { maxBuffer: 64 << 20 });
    server.put(`${name}.tgz`, bytes);
    return { archive: { url: server.url(`${name}.tgz`), sha256: createHash('sha256').update(bytes).digest('hex') } };
  }

  async function invoke(name: string, payload: object): Promise<{ said: Record<string, unknown>; result: unknown }> {
    const file = path.join(out, `${name}.json`);
    const args = ['--cli-read-timeout', '110', '--function-name', name, '--payload', JSON.stringify(payload), file];
    const said = await awsLambda(keys.all, 'invoke', ...args);
    return { said: JSON.parse(said) as Record<string, unknown>, result: JSON.parse(readFileSync(file, 'utf8')) };
  }

  /** Greets, fails, and greets again. */
  async function greets(name: string, spec: Record<string, unknown>): Promise<void> {
    await apply(lullFunction(name, ns, { scale: { idleSeconds: 60 }, ...spec }));
    await untilReady(name, ns, 90_000);
    const first = await invoke(name, { name: 'Ada' });
    expect(first).toEqual({ said: { StatusCode: 200, ExecutedVersion: '$LATEST' }, result: { message: 'Hello Ada!' } });
    const failed = await invoke(name, { name: '' });
    expect(failed.said['FunctionError']).toBe('Unhandled');
    expect(failed.result).toMatchObject({ errorMessage: 'received no name' });
    expect((await invoke(name, { name: 'Eve' })).result).toEqual({ message: 'Hello Eve!' });
  }

  it('Python', () => greets('greet-python', { runtime: 'python3.11', ...pythonCode }));
  it('Node', () => greets('greet-node', { runtime: 'nodejs24.x', ...nodeCode }));
  // Compiling takes minutes on a new machine.
  it('Go', { timeout: 600_000 }, async () => {
    const code = archived('go', path.join(await goHandlers(), 'greet'));
    await greets('greet-go', { runtime: 'provided.al2023', handler: 'bootstrap', code });
  });
  it('Rust', { timeout: 900_000 }, async () => {
    const code = archived('rust', path.join(await rustHandlers(), 'greet'));
    await greets('greet-rust', { runtime: 'provided', handler: 'bootstrap', code });
  });
  it('Java', { timeout: 600_000 }, async () => {
    await greets('greet-java', { runtime: 'java17', handler: 'example.Greet', code: archived('java', await javaHandlers()) });
  });
  it('a script, given inline', async () => {
    const script = example('shell/bootstrap');
    await apply(lullFunction('shell', ns, { runtime: 'provided', handler: 'bootstrap', code: { inline: { bootstrap: script } } }));
    await untilReady('shell', ns);
    expect((await invoke('shell', { a: 1 })).result).toEqual({ echo: { a: 1 } });
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

  /** What AWS's runtimes find in a layer: nodejs/node_modules, nodejs/nodeNN/node_modules, python, and the version's own site-packages. */
  async function findsLayers(name: string, runtime: string): Promise<void> {
    const version = /[\d.]*\d/.exec(runtime)?.[0] ?? '';
    const isNode = runtime.startsWith('nodejs');
    const { bytes, sha256 } = await tgzOf(
      isNode
        ? {
            'nodejs/node_modules/common/index.js': 'exports.word = "all";\n',
            [`nodejs/node${version}/node_modules/own/index.js`]: `exports.word = "${version}";\n`,
          }
        : {
            'python/common.py': 'word = "all"\n',
            [`python/lib/python${version}/site-packages/own.py`]: `word = "${version}"\n`,
          },
    );
    server.put(`${name}.tgz`, bytes);
    const inline = isNode
      ? { 'app.cjs': "exports.handler = async () => [require('common').word, require('own').word, process.version];\n" }
      : {
          'app.py':
            'import platform\nimport common\nimport own\n\ndef handler(event, context):\n    return [common.word, own.word, "v" + platform.python_version()]\n',
        };
    const layers = [{ archive: { url: server.url(`${name}.tgz`), sha256 } }];
    await apply(lullFunction(name, ns, { runtime, handler: 'app.handler', code: { inline }, layers }));
    await untilReady(name, ns, 90_000);
    const { result } = await invoke(name, {});
    expect(result).toEqual(['all', version, expect.stringMatching(new RegExp(`^v${version.replace('.', '\\.')}\\.`))]);
  }

  it('Python finds modules of layers', () => findsLayers('layers-python', 'python3.11'));
  it('Node finds modules of layers', () => findsLayers('layers-node', 'nodejs24.x'));

  for (const [runtime, { image, spec }] of Object.entries(OPTIONAL)) {
    if (loaded[image]) {
      it(runtime, () => greets(`greet-${image}`, { runtime, ...spec }));
      it(`${runtime} finds modules of layers`, () => findsLayers(`layers-${image}`, runtime));
    } else process.stderr.write(`not run: ${runtime}, whose image is built by name only (make images IMAGES=${image})\n`);
  }
});
