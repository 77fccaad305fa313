import { describe, expect, it } from 'vitest';
import type { Code, Source } from '../../common/api/code.ts';
import { storeToken } from '../../common/api/store.ts';
import { fetchJob } from './fetch-job.ts';
import { sourcesOf, type Wanted } from './source.ts';
import { ARCHIVE, greet, RUNTIME, SETTINGS } from './testing.ts';

interface Container {
  name: string;
  image: string;
  args?: string[];
  command?: string[];
  env: { name: string; value: string }[];
  volumeMounts: { name: string }[];
}

function job(code: Code, from?: Source) {
  const fn = greet({ code });
  const wanted = sourcesOf(fn, RUNTIME, () => '7')[0] as Wanted;
  const made = fetchJob(fn, wanted, from ?? (wanted.from as Source), SETTINGS);
  const { template } = made.spec as {
    template: { spec: Record<string, unknown> & { initContainers?: Container[]; containers: Container[] } };
  };
  const all = [...(template.spec.initContainers ?? []), ...template.spec.containers];
  const named = (name: string): Container => all.find((one) => one.name === name) as Container;
  const env = (name: string): Record<string, string> => Object.fromEntries(named(name).env.map((one) => [one.name, one.value]));
  return { made, pod: template.spec, all, named, env, wanted };
}

const SECRET = { archive: { ...ARCHIVE, credentialsSecret: { name: 'mine' } } };

describe('fetchJob', () => {
  it('belongs to the function, and does not count as a pod of it', () => {
    const { made } = job({ archive: ARCHIVE });
    expect(made.metadata).toMatchObject({ namespace: 'shop', ownerReferences: [{ kind: 'Function', name: 'greet', uid: 'u-1' }] });
    expect(JSON.stringify(made)).not.toContain('"lull.dev/function"');
    expect(made.metadata.labels).toMatchObject({ 'lull.dev/code-of': 'greet', 'lull.dev/code': 'code' });
  });

  it('only reads what a registry says of an image: nothing is fetched, nothing may be put into the store', () => {
    const { made, all, pod, env } = job({ image: 'registry:5000/you/app:1', pullSecret: { name: 'registry' } });
    expect(all.map(({ name, args }) => [name, args])).toEqual([['inspect', ['inspect']]]);
    expect(env('inspect')).toMatchObject({
      LULL_SOURCE: '{"image":{"image":"registry:5000/you/app:1","pullSecret":{"name":"registry"}}}',
      LULL_CREDENTIALS_DIR: '/credentials',
      LULL_INSECURE_REGISTRIES: 'registry:5000',
    });
    expect(Object.keys(env('inspect')).filter((name) => name.includes('TOKEN'))).toEqual([]);
    expect(pod['volumes']).toMatchObject([{ name: 'work' }, { name: 'credentials', secret: { secretName: 'registry' } }]);
    expect(JSON.stringify(made.spec)).toContain('"containerName":"inspect"');
  });

  it('has a name short enough that its pods have one, for the longest name of a function', () => {
    const fn = greet({ code: { archive: ARCHIVE } }, { name: 'a'.repeat(50) });
    const wanted = sourcesOf(fn, RUNTIME, () => '')[0] as Wanted;
    expect(`${fetchJob(fn, wanted, { archive: ARCHIVE }, SETTINGS).metadata.name}-abcde`).toMatch(/^[a-z0-9-]{1,65}$/);
  });

  it('runs under restricted Pod Security, without a token of the API server', () => {
    const { pod, all } = job(SECRET);
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const container of all)
      expect(container).toMatchObject({ securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } });
  });

  it('shows the credentials to fetch only, and lets only pack write to the store', () => {
    const { all, env } = job(SECRET);
    const seeing = (volume: string) =>
      all.filter(({ volumeMounts }) => volumeMounts.some(({ name }) => name === volume)).map(({ name }) => name);
    expect(seeing('credentials')).toEqual(['fetch']);
    expect(env('fetch')).toMatchObject({ LULL_CREDENTIALS_DIR: '/credentials', LULL_SOURCE: JSON.stringify(SECRET) });
    expect(all.filter(({ env: has }) => has.some(({ name }) => /TOKEN/.test(name))).map(({ name }) => name)).toEqual(['pack']);
    const write = env('pack')['LULL_STORE_WRITE'] ?? '';
    expect(write).toMatch(/^shop\/[0-9a-f]{16}$/);
    expect(env('pack')).toMatchObject({ LULL_STORE_WRITE_TOKEN: storeToken(SETTINGS.announceKey, `write/${write}`) });
  });

  it('says what a layer may not hold', () => {
    const fn = greet({ layers: [{ archive: ARCHIVE }], code: { archive: ARCHIVE } });
    const jobs = sourcesOf(fn, RUNTIME, () => '').map((wanted) => [
      wanted.name,
      JSON.stringify(fetchJob(fn, wanted, wanted.from as Source, SETTINGS)),
    ]);
    expect(jobs.map(([name, made]) => [name, made?.includes('LULL_RESERVED')])).toEqual([
      ['code', false],
      ['layer-0', true],
    ]);
  });

  it.each([
    [{ configMap: { name: 'my-ca' } }, { configMap: { name: 'my-ca', optional: true, items: [{ key: 'ca.crt', path: 'ca.crt' }] } }],
    [
      { secret: { name: 'my-ca' }, key: 'root.pem' },
      { secret: { secretName: 'my-ca', optional: true, items: [{ key: 'root.pem', path: 'ca.crt' }] } },
    ],
  ])('mounts certificates for fetch only: %j', (caBundle, volume) => {
    for (const code of [
      { archive: { ...ARCHIVE, caBundle } },
      { git: { url: 'https://g/x', caBundle } },
      { oci: { image: 'r/x', caBundle } },
    ]) {
      const { pod, all, env } = job(code);
      expect(pod).toMatchObject({ volumes: [{ name: 'work' }, { name: 'ca', ...volume }] });
      expect(env('fetch')).toMatchObject({ LULL_CA_FILE: '/ca/ca.crt' });
      expect(all.filter(({ volumeMounts }) => volumeMounts.some(({ name }) => name === 'ca')).map(({ name }) => name)).toEqual(['fetch']);
    }
    const { pod, env } = job({ image: 'r/x', caBundle });
    expect(pod).toMatchObject({ volumes: [{ name: 'work' }, { name: 'ca', ...volume }] });
    expect(env('inspect')).toMatchObject({ LULL_CA_FILE: '/ca/ca.crt' });
  });

  it('gives fetch a token to read what lies in the store already', () => {
    const digest = 'b'.repeat(64);
    const { env } = job({ inline: { 'app.py': '', 'requirements.txt': 'x' } }, { archive: { url: `store:///${digest}`, format: 'tgz' } });
    expect(env('fetch')).toMatchObject({ LULL_STORE_READ_TOKEN: storeToken(SETTINGS.announceKey, `read/${digest}`) });
  });

  it('mounts a ConfigMap', () => {
    const { pod, env } = job({ configMap: { name: 'my-code' } });
    expect(pod).toMatchObject({ volumes: [{ name: 'work' }, { name: 'configmap', configMap: { name: 'my-code' } }] });
    expect(env('fetch')).toMatchObject({ LULL_CONFIG_MAP_DIR: '/configmap' });
  });

  it('builds as the Runtime says, with the settings of the installation', () => {
    const { named, env } = job({ archive: ARCHIVE });
    expect(named('build')).toMatchObject({ image: 'lull/python-build:1', command: ['build.sh'], workingDir: '/work/code' });
    expect(env('build')).toEqual({ HTTPS_PROXY: 'http://proxy:3128', HOME: '/work/home' });
  });

  it('is given up at once for what no further try will mend', () => {
    const rules = {
      rules: expect.arrayContaining([{ action: 'FailJob', onExitCodes: { containerName: 'fetch', operator: 'In', values: [2] } }]),
    };
    expect(job({ archive: ARCHIVE }).made.spec).toMatchObject({ podFailurePolicy: rules, backoffLimit: 4, activeDeadlineSeconds: 900 });
  });
});
