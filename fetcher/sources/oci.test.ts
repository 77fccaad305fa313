import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FACTS_FILE } from '../fetch.ts';
import { craftTgz, craftZip } from '../testing/archives.ts';
import { Fetching } from '../testing/config.ts';
import { PASSWORD, TestRegistry, USER } from '../testing/registry.ts';

const CUSTOM = 'application/vnd.example.layer.v1';
const OCI_TGZ = 'application/vnd.oci.image.layer.v1.tar+gzip';

describe('an OCI artifact', () => {
  let open: TestRegistry;
  let closed: TestRegistry;
  let fetching: Fetching;
  // The registry is downloaded once.
  beforeAll(async () => {
    [open, closed] = [await TestRegistry.start(false), await TestRegistry.start(true)];
  }, 120_000);
  afterAll(() => {
    open.stop();
    closed.stop();
  });
  beforeEach(() => {
    fetching = new Fetching();
  });
  afterEach(() => rmSync(fetching.workDir, { recursive: true }));

  const run = (image: string, env: NodeJS.ProcessEnv = {}): Promise<number> =>
    fetching.run({ oci: { image } }, { LULL_INSECURE_REGISTRIES: `${open.address}, ${closed.address}`, ...env });
  const failure = (image: string, env: NodeJS.ProcessEnv = {}): Promise<string> =>
    fetching.failure({ oci: { image } }, { LULL_INSECURE_REGISTRIES: `${open.address},${closed.address}`, ...env });
  const code = (name: string): string => readFileSync(join(fetching.codeDir, name), 'utf8');
  const pullSecret = (password: string): NodeJS.ProcessEnv => {
    const auth = Buffer.from(`${USER}:${password}`).toString('base64');
    return fetching.secret({ '.dockerconfigjson': JSON.stringify({ auths: { [closed.address]: { auth } } }) });
  };

  it('is unpacked layer over layer, whatever its media types say', async () => {
    const lower = craftTgz([
      { name: 'app.py', content: 'lower' },
      { name: 'lib/kept', content: '' },
    ]);
    const tar = gunzipSync(craftTgz([{ name: 'middle.py', content: 'tar' }]));
    const upper = craftZip([
      { name: 'app.py', content: 'upper' },
      { name: 'bootstrap', content: '', mode: 0o100755 },
    ]);
    const digest = await open.push('team/code', 'v1', [
      { content: lower, mediaType: CUSTOM },
      { content: zstdCompressSync(tar), mediaType: CUSTOM },
      { content: upper, mediaType: 'application/zip' },
    ]);
    expect(await run(`${open.address}/team/code:v1`)).toBe(4);
    expect([code('app.py'), code('middle.py')]).toEqual(['upper', 'tar']);
    expect(JSON.parse(readFileSync(join(fetching.workDir, FACTS_FILE), 'utf8'))).toEqual({ image: `${open.address}/team/code@${digest}` });
    await run(`${open.address}/team/code@${digest}`);
    expect(code('app.py')).toBe('upper');
    expect(readdirSync(fetching.workDir).sort()).toEqual(['code', 'facts.json', 'home']);
  });

  it('of single files, as oras pushes them, has these', async () => {
    await open.push('files', 'latest', [
      { content: Buffer.from('print(1)'), mediaType: 'application/vnd.oci.image.layer.v1.tar', title: 'app.py' },
      { content: craftTgz([{ name: 'lib/x.py', content: 'x' }]), mediaType: OCI_TGZ, title: 'lib' },
    ]);
    await run(`${open.address}/files`);
    expect([code('app.py'), code('lib/x.py')]).toEqual(['print(1)', 'x']);
  });

  it('that is an image loses what its upper layers took away', async () => {
    const lower = craftTgz([
      { name: 'gone', content: '' },
      { name: 'lib/gone', content: '' },
      { name: 'lib/deep/gone', content: '' },
      { name: 'kept', content: '' },
    ]);
    const upper = craftTgz([{ name: '.wh.gone' }, { name: 'lib/new', content: '' }, { name: 'lib/.wh..wh..opq' }]);
    await open.push('image', 'latest', [
      { content: lower, mediaType: OCI_TGZ },
      { content: upper, mediaType: OCI_TGZ },
    ]);
    await run(`${open.address}/image:latest`);
    expect(readdirSync(fetching.codeDir, { recursive: true }).sort()).toEqual(['kept', 'lib', 'lib/new']);
  });

  it('of several platforms is the one of this machine', async () => {
    const manifests = [];
    for (const architecture of ['amd64', 'arm64', 'riscv64']) {
      const digest = await open.push('many', architecture, [{ content: craftTgz([{ name: architecture }]), mediaType: OCI_TGZ }]);
      const { length: size } = await open.manifest('many', digest);
      manifests.push({ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size, platform: { os: 'linux', architecture } });
    }
    await open.pushManifest('many', 'all', 'application/vnd.oci.image.index.v1+json', { schemaVersion: 2, manifests });
    await run(`${open.address}/many:all`);
    expect(readdirSync(fetching.codeDir)).toEqual([process.arch === 'x64' ? 'amd64' : process.arch]);
  });

  it.each([
    ['team/other:v1', 'SourceNotFound'],
    ['team/code:v2', 'SourceNotFound'],
    [`team/code@sha256:${'0'.repeat(64)}`, 'SourceNotFound'],
    ['TEAM:v1', 'SourceNotFound'],
  ])('named %s ends with %s', async (name, expected) => {
    await open.push('team/code', 'v1', [{ content: craftTgz([{ name: 'a' }]), mediaType: CUSTOM }]);
    expect(await failure(`${open.address}/${name}`)).toBe(expected);
    expect(fetching.failures).toEqual([]);
  });

  it('that leads out of the code, or is no archive, is refused', async () => {
    await open.push('evil', 'path', [{ content: craftTgz([{ name: '../evil' }]), mediaType: CUSTOM }]);
    expect(await failure(`${open.address}/evil:path`)).toBe('UnsafePath');
    await open.push('evil', 'title', [{ content: Buffer.from('x'), mediaType: CUSTOM, title: '../evil' }]);
    expect(await failure(`${open.address}/evil:title`)).toBe('UnsafePath');
    await open.push('evil', 'text', [{ content: Buffer.from('no archive'), mediaType: CUSTOM }]);
    expect(await failure(`${open.address}/evil:text`)).toBe('NotAnArchive');
  });

  it('larger than what may be downloaded is refused by its manifest', async () => {
    await open.push('large', 'v1', [{ content: Buffer.alloc(10_000), mediaType: CUSTOM, title: 'large' }]);
    const limited = { LULL_INSECURE_REGISTRIES: open.address };
    expect(await fetching.failure({ oci: { image: `${open.address}/large:v1` } }, limited, { maxDownloadBytes: 9_999 })).toBe('TooLarge');
  });

  it('is pulled with the Secret, and refused without', async () => {
    await closed.push('code', 'v1', [{ content: craftTgz([{ name: 'app.py', content: 'mine' }]), mediaType: CUSTOM }]);
    const image = `${closed.address}/code:v1`;
    expect(await failure(image)).toBe('SourceRefused');
    expect(await failure(image, pullSecret('wrong'))).toBe('SourceRefused');
    await run(image, pullSecret(PASSWORD));
    expect(code('app.py')).toBe('mine');
    expect(await failure(image, fetching.secret({ other: '' }))).toBe('CredentialsMissing');
  });

  it('is not asked for by http when the installation does not say so', async () => {
    expect(await failure(`${open.address}/files`, { LULL_INSECURE_REGISTRIES: '' })).toBe('SourceUnavailable');
  });
});
