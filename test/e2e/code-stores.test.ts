import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../../fetcher/testing/authority.ts';
import { PASSWORD, TestRegistry, USER } from '../../fetcher/testing/registry.ts';
import { type Keys, SignedS3 } from '../../fetcher/testing/signed-s3.ts';
import { TlsFront } from '../../fetcher/testing/tls-front.ts';
import { type ExtensionScript, eventsOf } from '../../images/runtime/testing/extensions.ts';
import { logLines } from '../../images/runtime/testing/log-lines.ts';
import { repoDir } from '../cluster/paths.ts';
import { tgzOf, zipOf } from '../support/archives.ts';
import { codeFunctions, condition, says } from '../support/code-functions.ts';
import { nodeFunction, podsOf, withNamespace } from '../support/functions.ts';
import { hostAddress } from '../support/host-address.ts';
import { type Answer, call } from '../support/http.ts';
import { apply, must } from '../support/kubectl.ts';
import { SourceServer } from '../support/source-server.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-code-stores';
const { python, untilCode, answerOf } = codeFunctions(ns);

const zipSaying = (text: string) => zipOf({ 'app.py': says(text) });
const ofHttps = zipSaying('from https');
const key = 'public/code.zip';

/** What the extension of a layer is told by telemetry, where the handler finds it. */
const told = '/tmp/told.jsonl';
const script: ExtensionScript = {
  events: ['INVOKE', 'SHUTDOWN'],
  subscribe: { path: '/2022-07-01/telemetry', file: told, body: { schemaVersion: '2022-12-13', types: ['platform', 'function'] } },
};
const tellsTelemetry = `import { existsSync, readFileSync } from 'node:fs';
export const handler = async (event) => {
  console.log('asked by ' + event.rawPath);
  return existsSync('${told}') ? readFileSync('${told}', 'utf8').trim().split('\\n').map((line) => JSON.parse(line)) : [];
};
`;
interface Telemetry {
  type: string;
  record: { requestId?: string; status?: string } | string;
}

const secret = (name: string, stringData: object, type = 'Opaque'): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type,
  metadata: { name, namespace: ns },
  stringData,
});

/** From servers that people have, which run on this machine and are reached by pods: they ask for certificates, signatures and logins, and check them. */
describe('code from a store', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lull-stores-'));
  const server = new SourceServer();
  let s3: SignedS3;
  let registry: TestRegistry;
  let web: TlsFront;
  let secured: TlsFront;
  let image: string;

  // The servers are installed once. All functions at once, so that their Jobs run beside one another.
  beforeAll(async () => {
    const host = await hostAddress();
    const authority = makeAuthority(folder, host);
    await server.start();
    server.put('code.zip', ofHttps.bytes);
    web = await TlsFront.start(authority.tls, new URL(server.url('')).host, host);
    s3 = await SignedS3.start({ [key]: zipSaying('from s3').bytes, 'private/code.zip': zipSaying('not yours').bytes }, host);
    registry = await TestRegistry.start(true);
    secured = await TlsFront.start(authority.tls, registry.address, host);
    const layers = [
      { content: (await tgzOf({ 'app.py': says('lower'), 'lib/kept.py': '' })).bytes, mediaType: 'application/vnd.example.layer.v1' },
      { content: zipSaying('from a registry').bytes, mediaType: 'application/zip', title: 'code.zip' },
    ];
    await registry.push('team/code', '1', layers);
    image = await registry.push('team/app', '1', [], 'application/vnd.oci.image.config.v1+json', {
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Entrypoint: ['/main', '--serve'], Cmd: ['app.handler'] },
      rootfs: { type: 'layers', diff_ids: [] },
    });
    await withNamespace(ns);

    const extension = await tgzOf({
      'extensions/watcher': {
        text: `#!/bin/sh\nexec node /opt/watcher/extension.mjs watcher '${JSON.stringify(script)}'\n`,
        executable: true,
      },
      'watcher/extension.mjs': readFileSync(path.join(repoDir, 'images/runtime/testing/extension.mjs'), 'utf8'),
    });
    server.put('extension.tgz', extension.bytes);
    const https = { url: `https://${web.address}/code.zip`, sha256: ofHttps.sha256 };
    const inS3 = (keys: string, object = key): object => ({
      archive: {
        url: `s3://mine/${object}`,
        s3: { endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true },
        credentialsSecret: { name: keys },
      },
    });
    const auth = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
    const auths = { '.dockerconfigjson': JSON.stringify({ auths: { [secured.address]: { auth } } }) };
    const ofRegistry = { pullSecret: { name: 'registry' }, caBundle: { secret: { name: 'corp-ca' }, key: 'root.pem' } };
    const wrong: Keys = { ...s3.keys, AWS_SECRET_ACCESS_KEY: 'wrong' };
    await apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'corp-ca', namespace: ns }, data: { 'ca.crt': authority.ca } },
      secret('corp-ca', { 'root.pem': authority.ca }),
      secret('role', s3.temporary),
      secret('user', s3.keys),
      secret('wrong', wrong),
      secret('registry', auths, 'kubernetes.io/dockerconfigjson'),
      python('https', { archive: { ...https, caBundle: { configMap: { name: 'corp-ca' } } } }),
      python('untrusted', { archive: https }),
      python('s3', inS3('role')),
      python('s3-forged', inS3('wrong')),
      python('s3-forbidden', inS3('user', 'private/code.zip')),
      python('oci', { oci: { image: `${secured.address}/team/code:1`, ...ofRegistry } }),
      python('oci-anonymous', { oci: { image: `${secured.address}/team/code:1`, caBundle: ofRegistry.caBundle } }),
      {
        apiVersion: 'lull.dev/v1alpha1',
        kind: 'Function',
        metadata: { name: 'image', namespace: ns },
        spec: { code: { image: `${secured.address}/team/app:1`, ...ofRegistry }, protocol: 'lambda' },
      },
      nodeFunction('extended', ns, tellsTelemetry, {
        layers: [{ archive: { url: server.url('extension.tgz'), sha256: extension.sha256 } }],
        // Its log is read to the end.
        scale: { idleSeconds: 3 },
      }),
    );
  }, 240_000);
  afterAll(async () => {
    await server.close();
    for (const one of [web, secured]) one?.close();
    for (const one of [s3, registry]) one?.stop();
    rmSync(folder, { recursive: true, force: true });
    await must(['delete', 'namespace', ns, '--wait=false']);
  });

  it('a server with a certificate of an own authority is trusted by the ConfigMap that caBundle names, and not without', async () => {
    const [, untrusted] = await Promise.all([untilCode('https', 'True'), untilCode('untrusted', 'False')]);
    expect(condition(untrusted, 'CodeReady')).toMatchObject({ reason: 'SourceUntrusted', message: expect.stringContaining('caBundle') });
    expect(await answerOf('https')).toBe('200 from https');
  });

  it('an object of S3 is fetched by keys that sign rightly, and may', async () => {
    await untilCode('s3', 'True');
    expect(await answerOf('s3')).toBe('200 from s3');
    for (const name of ['s3-forged', 's3-forbidden'])
      expect(condition(await untilCode(name, 'False'), 'CodeReady'), name).toMatchObject({ reason: 'SourceRefused' });
  });

  it('an artifact of a registry is fetched with the login of its Secret, the upper layer over the lower one', async () => {
    await untilCode('oci', 'True');
    expect(await answerOf('oci')).toBe('200 from a registry');
    expect(condition(await untilCode('oci-anonymous', 'False'), 'CodeReady')).toMatchObject({ reason: 'SourceRefused' });
  });

  it('a registry is asked what an image starts', async () => {
    const { status } = await untilCode('image', 'True');
    expect(status?.code).toEqual([
      expect.objectContaining({
        name: 'image',
        image: { reference: `${secured.address}/team/app@${image}`, entryPoint: ['/main', '--serve'], command: ['app.handler'] },
      }),
    ]);
  });

  it('an extension that a layer brings is told of each invocation, of what the handler prints, and of the end', async () => {
    await untilCode('extended', 'True');
    const answers = [await call('extended', ns, { path: '/first' })];
    const [pod] = await podsOf('extended', ns);
    const log = must(['logs', '-n', ns, pod?.metadata.name ?? '', '-c', 'function', '--follow']);
    const telemetryIn = ({ status, body }: Answer): Telemetry[] => {
      expect(status, body).toBe(200);
      return JSON.parse(body) as Telemetry[];
    };
    const telemetry = await until('the report of the first invocation', async () => {
      const answer = await call('extended', ns, { path: '/next' });
      answers.push(answer);
      const events = telemetryIn(answer);
      return events.some(({ type }) => type === 'platform.report') ? events : undefined;
    });
    const ids = answers.map(({ headers }) => String(headers['x-amzn-requestid']));
    const types = (id = ''): string[] =>
      telemetry.filter(({ record }) => typeof record === 'object' && record.requestId === id).map(({ type }) => type);
    expect(types(ids[0])).toEqual(['platform.start', 'platform.runtimeDone', 'platform.report']);
    expect(telemetry.filter(({ type }) => type === 'function').map(({ record }) => String(record))).toContainEqual(
      expect.stringContaining('asked by /first'),
    );
    // The pod ends three seconds after the last call.
    const output = await log;
    const events = eventsOf(output, 'watcher');
    expect(events.map(({ eventType, requestId }) => [eventType, requestId])).toEqual([
      ...ids.map((id) => ['INVOKE', id]),
      ['SHUTDOWN', undefined],
    ]);
    expect(logLines(output).map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^EXTENSION\tName: watcher\tState: Ready\tEvents: \[INVOKE, ?SHUTDOWN\]$/),
    );
  }, 120_000);
});
