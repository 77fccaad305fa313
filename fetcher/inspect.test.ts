import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FetchConfig } from './config.ts';
import type { FetchError } from './errors.ts';
import { inspectImage } from './inspect.ts';
import { OneImageRegistry } from './testing/one-image-registry.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lull-inspect-'));
const config = { Entrypoint: ['/lambda-entrypoint.sh'], Cmd: ['app.handler'], Env: ['PATH=/var/lang/bin:/bin'] };
const registry = new OneImageRegistry(config);
let address: string;

beforeAll(async () => {
  address = await registry.listen();
});
afterAll(() => {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
});

function inspected(name: string, more: Partial<FetchConfig> = {}, failures: FetchError[] = []) {
  const given = {
    source: { image: { image: `${address}/${name}` } },
    insecureRegistries: [address],
    retryMillis: 1,
    toolEnv: { PATH: process.env['PATH'], HOME: folder },
    ...more,
  };
  return inspectImage(given as FetchConfig, (error) => failures.push(error));
}

function secret(password: string): string {
  const auth = Buffer.from(`me:${password}`).toString('base64');
  writeFileSync(path.join(folder, '.dockerconfigjson'), JSON.stringify({ auths: { [address]: { auth } } }));
  return folder;
}

describe('inspectImage, by skopeo', () => {
  it('reads what the image starts, under the digest that it has', async () => {
    expect(await inspected('you/app:1')).toEqual({
      digest: registry.digest,
      image: {
        reference: `${address}/you/app@sha256:${registry.digest}`,
        entryPoint: ['/lambda-entrypoint.sh'],
        command: ['app.handler'],
        path: '/var/lang/bin:/bin',
      },
    });
    expect((await inspected(`you/app@sha256:${registry.digest}`)).digest).toBe(registry.digest);
  });

  it('tries again what may pass', async () => {
    registry.failures = 1;
    const failures: FetchError[] = [];
    expect((await inspected('you/app:1', {}, failures)).digest).toBe(registry.digest);
    expect(failures.map(({ code }) => code)).toEqual(['SourceUnavailable']);
  });

  it.each([
    ['a tag that is not there', 'you/app:2', 'SourceNotFound'],
    ['a repository that is not there', 'you/other:1', 'SourceNotFound'],
    ['a name that is none', 'you/app:1:2', 'SourceNotFound'],
  ])('refuses %s', async (_what, name, code) => {
    await expect(inspected(name)).rejects.toMatchObject({ code });
  });

  it('speaks https to a registry that is not named', async () => {
    await expect(inspected('you/app:1', { insecureRegistries: [] })).rejects.toMatchObject({ code: 'SourceUnavailable' });
  });

  it('shows the credentials of the Secret, and only them', async () => {
    registry.credentials = { username: 'me', password: 'right' };
    try {
      await expect(inspected('you/app:1')).rejects.toMatchObject({ code: 'SourceRefused' });
      await expect(inspected('you/app:1', { credentialsDir: secret('wrong') })).rejects.toMatchObject({ code: 'SourceRefused' });
      expect((await inspected('you/app:1', { credentialsDir: secret('right') })).digest).toBe(registry.digest);
      rmSync(path.join(folder, '.dockerconfigjson'));
      await expect(inspected('you/app:1', { credentialsDir: folder })).rejects.toMatchObject({ code: 'CredentialsMissing' });
    } finally {
      registry.credentials = undefined;
    }
  });
});
