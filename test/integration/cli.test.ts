import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { bundleCli } from '../../cli/bundle.ts';
import { FIXTURES, fixtureFolder } from '../../cli/import/testing/fixtures.ts';
import type { LullFunction } from '../../common/api/function.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { until } from '../support/wait.ts';
import { ApiServer, apiServerBinary } from './apiserver.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'lull-cli-'));
const lull = path.join(folder, 'lull.mjs');
beforeAll(() => bundleCli(lull), 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the bundle as a process of its own, in a folder that has no node_modules above it. */
async function run(...args: string[]): Promise<Ended> {
  const options = { cwd: folder, env: { PATH: '/nowhere' } };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [lull, ...args], options)) };
  } catch (error) {
    return error as Ended;
  }
}

const TESTING = path.join(ROOT, 'cli/import/testing');
const hello = path.join(TESTING, 'sam-python/template.yaml');

describe('the bundled command line', () => {
  it('is one file that can be executed', () => {
    expect(readFileSync(lull, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(lull).mode & 0o111).toBe(0o111);
  });

  it('imports', async () => {
    const { code, stdout, stderr } = await run('import', hello);
    expect(code).toBe(0);
    expect(stdout).toBe(readFileSync(path.join(TESTING, 'expected/sam-python.yaml'), 'utf8'));
    expect(stderr).toMatch(/1 Function\n/);
    expect(stderr).not.toContain('\u001b');
  });

  it.each<[string, string[], number, RegExp]>([
    ['help', ['--help'], 0, /^$/],
    ['a wrong file', ['import', 'nothing.yaml'], 1, /^error: nothing\.yaml: there is no such file\n$/],
    ['a wrong call', ['import'], 1, /missing required argument/],
    ['--strict', ['import', path.join(TESTING, 'sam-worker/template.yaml'), '--strict'], 2, /Not carried over/],
  ])('%s ends with its code', async (_what, args, code, says) => {
    const ended = await run(...args);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(says);
  });
});

const binary = apiServerBinary();
if (!binary) console.log('not run here: imported Functions on a real API server, whose binary is not in the cache (make up builds it)');

describe.skipIf(!binary)('what it writes, on a real API server with the CRD and its rules', () => {
  const server = new ApiServer(binary ?? '');
  let transport: KubeTransport;
  const functions = '/apis/lull.dev/v1alpha1/namespaces/default/functions';
  beforeAll(async () => {
    await server.start();
    transport = server.transport();
    const crd = parse(readFileSync(path.join(ROOT, 'crds/functions.lull.dev.yaml'), 'utf8')) as object;
    await transport.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: crd });
    await until('the CRD is served', async () => (await transport.request('GET', functions)).status === 200);
  }, 90_000);
  afterAll(async () => {
    await transport.close();
    await server.stop();
  });

  it.each(FIXTURES)('$folder: each Function is taken, but those whose code is still missing', async (fixture) => {
    const { stdout } = await run('import', path.join(fixtureFolder(fixture), fixture.file), '-n', 'default');
    const manifests = parseAllDocuments(stdout).map((document) => document.toJS() as LullFunction);
    expect(manifests.length).toBeGreaterThan(0);
    for (const manifest of manifests) {
      const query = '?dryRun=All&fieldValidation=Strict';
      const answer = transport.request('POST', `${functions}${query}`, { body: manifest });
      if (manifest.spec.code) expect((await answer).status).toBe(201);
      else await expect(answer).rejects.toThrow(/spec\.code: Required value/);
    }
  });
});
