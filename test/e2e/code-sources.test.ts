import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tgzOf, zipOf } from '../support/archives.ts';
import { codeFunctions, condition, says } from '../support/code-functions.ts';
import { lullFunction, podsOf, untilNoPods, withNamespace } from '../support/functions.ts';
import { call } from '../support/http.ts';
import { apply, getJson, must } from '../support/kubectl.ts';
import { SourceServer } from '../support/source-server.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-code';
const server = new SourceServer();

const { python, functionNow, untilCode, jobsOf, answerOf } = codeFunctions(ns);

const zip = zipOf({
  'app.py': 'import pathlib\n\ndef handler(event, context):\n    return pathlib.Path("data/words.txt").read_text()\n',
  'data/words.txt': 'from a zip',
});
const login = { username: 'me', password: 'secret' };
const secret = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'kubernetes.io/basic-auth',
  metadata: { name, namespace: ns },
  stringData: login,
});
/** Reads files of layers at names that one layer has a file for and the other a folder. */
const readsKinds =
  'import pathlib\n\ndef handler(event, context):\n    return " ".join(pathlib.Path("/opt", name).read_text() for name in ("was-folder", "was-file/inner"))\n';
const requirements = {
  inline: { 'app.py': 'import six\n\ndef handler(event, context):\n    return six.__version__\n', 'requirements.txt': 'six==1.17.0\n' },
};
const packageJson = {
  inline: {
    'index.mjs':
      "import { createRequire } from 'node:module';\nimport ms from 'ms';\nconst { text } = createRequire(import.meta.url)('./build/Release/native.node');\n" +
      "export const handler = async () => [ms('2 days'), text].join(' ');\n",
    // What has a native part is compiled, for which Node's headers must be there: nothing but registries can be reached.
    'binding.gyp': "{'targets': [{'target_name': 'native', 'sources': ['native.c']}]}\n",
    'native.c':
      '#include <node_api.h>\nstatic napi_value init(napi_env env, napi_value exports) {\n  napi_value text;\n' +
      '  napi_create_string_utf8(env, "compiled", NAPI_AUTO_LENGTH, &text);\n  napi_set_named_property(env, exports, "text", text);\n  return exports;\n}\n' +
      'NAPI_MODULE(NODE_GYP_MODULE_NAME, init)\n',
    'package.json': JSON.stringify({ name: 'greet', version: '1.0.0', private: true, dependencies: { ms: '2.1.3' } }),
  },
};

describe('code from elsewhere', () => {
  let first: string;

  // All at once, so that their Jobs run beside one another.
  beforeAll(async () => {
    await server.start();
    await withNamespace(ns);
    server.put('code.zip', zip.bytes);
    server.put('private.zip', zip.bytes, login);
    const slip = zipOf({ 'app.py': says('slipped'), '../../etc/cron.d/evil': 'x' });
    server.put('slip.zip', slip.bytes);
    const layers = [
      await tgzOf({
        'python/dep.py': 'ORDER = "first"\n',
        'python/only.py': 'A = "kept"\n',
        'bin/tool': { text: '#!/bin/sh\necho from a tool\n', executable: true },
      }),
      await tgzOf({ 'python/dep.py': 'ORDER = "second"\n' }),
    ];
    for (const [index, { bytes }] of layers.entries()) server.put(`layer-${index}.tgz`, bytes);
    const kinds = [
      await tgzOf({ 'was-folder/inner': 'earlier', 'was-file': 'earlier' }),
      await tgzOf({ 'was-folder': 'later', 'was-file/inner': 'later' }),
    ];
    for (const [index, { bytes }] of kinds.entries()) server.put(`kind-${index}.tgz`, bytes);
    const layer = (name: string, sha256: string): object => ({ archive: { url: server.url(name), sha256 } });
    first = server.commit('repo', { 'services/greet/src/app.py': says('commit 1'), 'README.md': 'not code\n' });
    await apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'my-code', namespace: ns }, data: { 'app.py': says('from a ConfigMap') } },
      python('zip', { archive: { url: server.url('code.zip'), sha256: zip.sha256 } }),
      secret('login'),
      python('private', { archive: { url: server.url('private.zip'), sha256: zip.sha256, credentialsSecret: { name: 'login' } } }),
      python('strange', { archive: { url: server.url('private.zip'), sha256: zip.sha256, credentialsSecret: { name: 'nobodys' } } }),
      python('wrong', { archive: { url: server.url('code.zip'), sha256: 'a'.repeat(64) } }),
      python('slip', { archive: { url: server.url('slip.zip'), sha256: slip.sha256 } }),
      python('git', { git: { url: server.url('repo'), ref: 'main', path: 'services/greet' } }, { handler: 'src/app.handler' }),
      python('config', { configMap: { name: 'my-code' } }),
      python(
        'layers',
        {
          inline: {
            'app.py':
              'import subprocess\nimport dep\nimport only\n\ndef handler(event, context):\n    tool = subprocess.run(["tool"], capture_output=True, text=True)\n    return f"{dep.ORDER} {only.A} {tool.stdout}"\n',
          },
        },
        { layers: layers.map(({ sha256 }, index) => layer(`layer-${index}.tgz`, sha256)) },
      ),
      python('late', { archive: { url: server.url('late.zip'), sha256: zip.sha256 } }),
      python(
        'kinds',
        { inline: { 'app.py': readsKinds } },
        { layers: kinds.map(({ sha256 }, index) => layer(`kind-${index}.tgz`, sha256)) },
      ),
      lullFunction('unbuilt', ns, {
        runtime: 'provided',
        handler: 'bootstrap',
        code: { inline: { bootstrap: '#!/bin/sh\n', ...packageJson.inline } },
      }),
      python('requirements', requirements),
      lullFunction('packages', ns, { runtime: 'nodejs24.x', handler: 'index.handler', code: packageJson, scale: { idleSeconds: 3 } }),
    );
  });
  afterAll(async () => {
    await server.close();
    await must(['delete', 'namespace', ns, '--wait=false']);
  });

  it('a zip by URL answers, in a pod without volumes', async () => {
    await untilCode('zip', 'True');
    expect(await answerOf('zip')).toBe('200 from a zip');
    const pods = await getJson<{ items: { spec: { volumes?: unknown } }[] }>(['pods', '-n', ns, '-l', 'lull.dev/function=zip']);
    expect(pods.items.map(({ spec }) => spec.volumes)).toEqual([undefined]);
  });

  it('a wrong digest is refused, in the status, in kubectl describe and as an event, and the function is not Ready', async () => {
    const fn = await untilCode('wrong', 'False');
    expect(condition(fn, 'CodeReady')).toMatchObject({
      reason: 'DigestMismatch',
      message: expect.stringContaining(zip.sha256.slice(0, 12)),
    });
    expect(condition(fn, 'Ready')).toMatchObject({ status: 'False', reason: 'DigestMismatch' });
    const words = condition(fn, 'CodeReady')?.message.slice(0, 60) ?? '';
    expect(await must(['describe', 'fn', 'wrong', '-n', ns])).toContain(words);
    await until('the event', async () => (await must(['get', 'events', '-n', ns, '-o', 'jsonpath={.items[*].message}'])).includes(words));
    expect(await podsOf('wrong', ns)).toEqual([]);
  });

  it('one that never had code answers 503 at once, and as soon as its source is mended, works', async () => {
    expect(condition(await untilCode('late', 'False'), 'CodeReady')).toMatchObject({ reason: 'SourceNotFound' });
    const refused = await call('late', ns);
    expect([refused.status, refused.headers['x-lull-error'], refused.headers['retry-after']]).toEqual([503, 'CodeNotReady', '1']);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'CodeNotReady', detail: expect.stringContaining('SourceNotFound') });
    expect(refused.millis).toBeLessThan(2000);
    server.put('late.zip', zip.bytes);
    await must(['annotate', 'fn', 'late', '-n', ns, 'lull.dev/refresh=1']);
    await until('another try', async () => condition(await functionNow('late'), 'CodeReady')?.status !== 'False');
    // It is fetched now, and whoever calls waits for that.
    expect(await answerOf('late')).toBe('200 from a zip');
  });

  it('what needs a login is fetched with a Secret of the namespace, and one that is not there is told', async () => {
    const [fetched, missing] = await Promise.all([untilCode('private', 'True'), untilCode('strange', 'False')]);
    expect(fetched.status?.code).toHaveLength(1);
    expect(condition(missing, 'CodeReady')).toMatchObject({ reason: 'CredentialsMissing', message: expect.stringContaining('Secret') });
    await apply(secret('nobodys'));
  });

  it('a zip that would write outside is refused', async () => {
    const fn = await untilCode('slip', 'False');
    expect(condition(fn, 'CodeReady')).toMatchObject({ reason: 'UnsafePath', message: expect.stringContaining('../../etc/cron.d/evil') });
  });

  it('a folder of a Git branch answers, and a new commit when it is asked for', async () => {
    const fn = await untilCode('git', 'True');
    expect(fn.status?.code).toEqual([expect.objectContaining({ name: 'code', commit: first })]);
    expect(await answerOf('git')).toBe('200 commit 1');
    const second = server.commit('repo', { 'services/greet/src/app.py': says('commit 2') });
    await must(['annotate', 'fn', 'git', '-n', ns, 'lull.dev/refresh=1']);
    await untilCode('git', 'True', ({ status }) => status?.code?.[0]?.commit === second);
    await until('the new code', async () => (await answerOf('git')) === '200 commit 2');
    // Pinned: what was is still there.
    await apply(python('git', { git: { url: server.url('repo'), ref: first, path: 'services/greet' } }, { handler: 'src/app.handler' }));
    await untilCode('git', 'True', ({ status }) => status?.code?.[0]?.commit === first);
    await until('the old code', async () => (await answerOf('git')) === '200 commit 1');
  });

  it('while new code cannot be fetched, the old code serves', async () => {
    await apply(python('git', { git: { url: server.url('repo'), ref: 'no-such-branch' } }, { handler: 'src/app.handler' }));
    const fn = await untilCode('git', 'False');
    expect(condition(fn, 'Ready')).toMatchObject({ status: 'False', message: expect.stringContaining('goes on serving') });
    expect(await answerOf('git')).toBe('200 commit 1');
  });

  it('a ConfigMap answers, and its change is a new revision', async () => {
    await untilCode('config', 'True');
    expect(await answerOf('config')).toBe('200 from a ConfigMap');
    await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'my-code', namespace: ns }, data: { 'app.py': says('changed') } });
    await until('the changed code', async () => (await answerOf('config')) === '200 changed', 60_000, 500);
  });

  it('layers lie over one another in their order, and their programs can be run', async () => {
    await untilCode('layers', 'True');
    expect(await answerOf('layers')).toBe('200 second kept from a tool\n');
  });

  it('a later layer wins where an earlier one has a folder for its file, or a file for its folder, and the pod starts once', async () => {
    await untilCode('kinds', 'True');
    expect(await answerOf('kinds')).toBe('200 later later');
    const ofKinds = ['-n', ns, '-l', 'lull.dev/function=kinds'];
    // It answers before the kubelet tells that it runs.
    await must(['wait', 'pod', ...ofKinds, '--for=jsonpath={.status.phase}=Running', '--timeout=20s']);
    const pods = await getJson<{ items: { status: { containerStatuses: { restartCount: number }[] } }[] }>(['pods', ...ofKinds]);
    expect(pods.items.map(({ status }) => status.containerStatuses.map(({ restartCount }) => restartCount))).toEqual([[0]]);
  });

  it('packages that the Runtime does not install are refused in a sentence, and nothing is fetched', async () => {
    const fn = await untilCode('unbuilt', 'False');
    expect(condition(fn, 'CodeReady')).toMatchObject({
      reason: 'NoBuild',
      message: expect.stringMatching(
        /^spec\.code\.inline has a package\.json, and the Runtime provided does not say how packages are installed/,
      ),
    });
    expect(condition(fn, 'Ready')).toMatchObject({ status: 'False', reason: 'NoBuild' });
    const { status, headers } = await call('unbuilt', ns);
    expect([status, headers['x-lull-error']]).toEqual([503, 'CodeNotReady']);
    expect([await jobsOf('unbuilt'), await podsOf('unbuilt', ns)]).toEqual([[], []]);
  });

  it('a requirements.txt is installed once: the next wake needs no registry', async () => {
    await untilCode('requirements', 'True');
    expect(await answerOf('requirements')).toBe('200 1.17.0');
    const before = await jobsOf('requirements');
    expect(before).toHaveLength(1);
    await untilNoPods('requirements', ns);
    expect(await answerOf('requirements')).toBe('200 1.17.0');
    expect(await jobsOf('requirements')).toEqual(before);
  });

  it('a package.json is installed, and what is native compiled', async () => {
    await untilCode('packages', 'True');
    expect(await answerOf('packages')).toBe('200 172800000 compiled');
  });

  it('a Secret that was missing is looked for again, and nobody need ask for it', async () => {
    await untilCode('strange', 'True');
    expect(await answerOf('strange')).toBe('200 from a zip');
  }, 130_000);

  it('wakes when the source is down, and the store is filled again when it has lost all', async () => {
    const { status } = await functionNow('zip');
    await untilNoPods('zip', ns);
    await server.stop();
    expect(await answerOf('zip')).toBe('200 from a zip');
    await server.start();
    // All of it, whether it lies on a PersistentVolume or not.
    const store = ['-n', 'lull-system', '-l', 'app.kubernetes.io/component=store'];
    const pod = (await must(['get', 'pods', ...store, '-o', 'name'])).trim();
    await must(['exec', '-n', 'lull-system', pod, '--', 'find', '/var/lib/lull-store', '-type', 'f', '-delete']);
    await must(['delete', 'pod', ...store, '--wait=true']);
    const [job] = await jobsOf('zip');
    await until(
      'a new Job',
      async () => (await jobsOf('zip')).some(({ metadata }) => metadata.creationTimestamp !== job?.metadata.creationTimestamp),
      60_000,
      200,
    );
    await untilCode('zip', 'True');
    await untilNoPods('zip', ns);
    expect(await answerOf('zip')).toBe('200 from a zip');
    const after = await functionNow('zip');
    expect([after.status?.activeRevision, after.status?.code]).toEqual([status?.activeRevision, status?.code]);
  }, 180_000);

  it('Jobs go with the function', async () => {
    await must(['delete', 'fn', 'wrong', '-n', ns]);
    await until('no Job of it', async () => (await jobsOf('wrong')).length === 0);
  });
});
