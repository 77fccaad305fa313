import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '../../common/api/code.ts';
import { readFetchConfig } from '../config.ts';
import { inspectImage } from '../inspect.ts';
import { craftZip } from '../testing/archives.ts';
import { type Authority, makeAuthority } from '../testing/authority.ts';
import { Fetching } from '../testing/config.ts';
import { GitServer } from '../testing/git-server.ts';
import { listen } from '../testing/listen.ts';
import { OneImageRegistry } from '../testing/one-image-registry.ts';
import { TestRegistry } from '../testing/registry.ts';
import { TlsFront } from '../testing/tls-front.ts';
import { trusted } from './trust.ts';

const ZIP = craftZip([{ name: 'app.py', content: 'print(1)' }]);

/** Real servers with a certificate that an authority of the test's own has signed, and the real tools. */
describe('a source whose server nobody but caBundle trusts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trust-'));
  let authority: Authority;
  let web: ReturnType<typeof createServer>;
  let git: GitServer;
  let registry: OneImageRegistry;
  let plain: TestRegistry;
  let secured: TlsFront;
  let fetching: Fetching;
  const sources: Record<string, Source> = {};
  let image: Source;

  // The registry is downloaded once.
  beforeAll(async () => {
    authority = makeAuthority(folder);
    const { tls } = authority;
    web = createServer(tls, (_req, res) => res.end(ZIP));
    const host = await listen(web);
    const sha256 = createHash('sha256').update(ZIP).digest('hex');
    sources['https'] = { archive: { url: `https://${host}/code.zip`, sha256 } };
    sources['s3'] = { archive: { url: 's3://bucket/code.zip', s3: { endpoint: `https://${host}`, forcePathStyle: true } } };

    const clone = join(folder, 'clone');
    mkdirSync(clone);
    const run = (...args: string[]): Buffer =>
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], { cwd: clone, stdio: 'pipe' });
    run('init', '--quiet', '--initial-branch=main');
    writeFileSync(join(clone, 'app.py'), 'print(1)');
    run('add', '--all');
    run('commit', '--quiet', '--message', 'first');
    run('clone', '--quiet', '--bare', clone, join(folder, 'repositories/app.git'));
    git = await GitServer.start(join(folder, 'repositories'), 'me', 'secret', tls);
    sources['git'] = { git: { url: `https://${git.address}/app.git` } };

    registry = new OneImageRegistry({ Entrypoint: ['/start'] }, tls);
    plain = await TestRegistry.start(false);
    await plain.push('team/code', 'v1', [{ content: ZIP, mediaType: 'application/zip' }]);
    secured = await TlsFront.start(tls, plain.address);
    sources['oci'] = { oci: { image: `${secured.address}/team/code:v1` } };

    image = { image: { image: `${await registry.listen()}/you/app:1` } };
  }, 120_000);
  afterAll(() => {
    web.close();
    web.closeAllConnections();
    git.stop();
    registry.close();
    secured.close();
    plain.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    fetching = new Fetching();
  });
  afterEach(() => rmSync(fetching.workDir, { recursive: true }));

  it.each(['https', 's3', 'git', 'oci'])('by %s, is fetched with it, and refused without', async (kind) => {
    const source = sources[kind] as Source;
    expect(await fetching.failure(source)).toBe('SourceUntrusted');
    // No try but the Job's own will mend it.
    expect(fetching.failures).toEqual([]);
    expect(await fetching.run(source, { LULL_CA_FILE: authority.caFile })).toBe(1);
    expect(readFileSync(join(fetching.codeDir, 'app.py'), 'utf8')).toBe('print(1)');
    expect(await fetching.failure(source, { LULL_CA_FILE: join(folder, 'nowhere.crt') })).toBe('CaBundleMissing');
  });

  it('a registry, is asked what an image starts', async () => {
    const { PATH } = process.env;
    const env = { PATH, HOME: folder, TMPDIR: folder, LULL_STORE: 'none:1', LULL_RETRY_MILLIS: '1', LULL_SOURCE: JSON.stringify(image) };
    const inspect = (more: NodeJS.ProcessEnv) => inspectImage(readFetchConfig({ ...env, ...more }), () => undefined);
    await expect(inspect({})).rejects.toMatchObject({ code: 'SourceUntrusted' });
    expect(await inspect({ LULL_CA_FILE: authority.caFile })).toMatchObject({ digest: registry.digest, image: { entryPoint: ['/start'] } });
  });

  it('is trusted besides the usual ones, and only by certificates', async () => {
    const both = await trusted(authority.caFile);
    expect(both).toContain(authority.ca.trim());
    expect(both).toEqual(expect.arrayContaining(rootCertificates.slice(0, 3)));
    const wrong = join(folder, 'wrong.crt');
    for (const content of ['', 'hello', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']) {
      writeFileSync(wrong, content);
      await expect(trusted(wrong)).rejects.toMatchObject({ code: 'CaBundleMissing' });
    }
  });
});
