import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type LullFunctionView, lullFunction, pythonFunction, untilReady, withNamespace } from '../support/functions.ts';
import { apply, getJson, kubectl } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';
import { RIGHT_RUNTIMES, RIGHT_WARM_POOLS, WRONG_RUNTIMES, WRONG_WARM_POOLS } from '../support/wrong-warm-manifests.ts';

const ns = 'e2e-manifests';
const code = { inline: { 'app.py': 'def handler(e, c):\n    return 1\n' } };
const good = { runtime: 'python3.11', handler: 'app.handler', code };

/** What is wrong, the spec, and what the refusal must name. */
const REFUSED: [string, Record<string, unknown>, RegExp][] = [
  ['no code', { runtime: 'python3.11', handler: 'app.handler' }, /spec\.code.*[Rr]equired/],
  ['empty code', { ...good, code: {} }, /exactly one of inline/],
  ['both inline and image', { ...good, code: { ...code, image: 'x' } }, /exactly one of inline/],
  ['protocol http without an image', { protocol: 'http', code }, /needs spec\.code\.image/],
  ['protocol http with a runtime', { protocol: 'http', runtime: 'python3.11', code: { image: 'x' } }, /remove spec\.runtime/],
  ['protocol http with a handler', { protocol: 'http', handler: 'app.handler', code: { image: 'x' } }, /remove spec\.handler/],
  ['an unknown protocol', { ...good, protocol: 'grpc' }, /spec\.protocol.*"lambda", "http"/],
  ['no runtime', { handler: 'app.handler', code }, /spec\.runtime is required/],
  ['no handler', { runtime: 'python3.11', code }, /spec\.handler is required/],
  ['a runtime that is a number', { ...good, runtime: 3.11 }, /spec\.runtime.*string/],
  ['a runtime that is an object', { ...good, runtime: { name: 'python' } }, /spec\.runtime.*string/],
  ['a runtime with capital letters', { ...good, runtime: 'Python3' }, /spec\.runtime/],
  ['a handler without a function', { ...good, handler: 'app' }, /MODULE\.FUNCTION/],
  ['a handler with a path in it', { ...good, handler: '/var/task/app.handler' }, /without folders/],
  ['a handler with a folder', { ...good, handler: 'src/app.handler' }, /without folders/],
  ['a handler with a space', { ...good, handler: 'app handler.x' }, /without folders/],
  ['a handler whose module is not there', { ...good, handler: 'main.handler' }, /not in spec\.code\.inline/],
  ['a file with a path', { ...good, code: { inline: { '../app.py': '' } } }, /no folders/],
  ['no file', { ...good, code: { inline: {} } }, /spec\.code\.inline/],
  ['a file that is a number', { ...good, code: { inline: { 'app.py': 1 } } }, /spec\.code\.inline\.app\.py/],
  ['1 MB of code', { ...good, code: { inline: { 'app.py': 'x'.repeat(1_000_000) } } }, /spec\.code\.inline/],
  ['two files too big together', { ...good, code: { inline: { 'app.py': 'x'.repeat(300_000), 'b.py': 'x'.repeat(300_000) } } }, /512 KiB/],
  ['a port for a handler', { ...good, port: 8080 }, /spec\.port is for protocol 'http'/],
  ['port 0', { protocol: 'http', code: { image: 'x' }, port: 0 }, /spec\.port/],
  ['port 70000', { protocol: 'http', code: { image: 'x' }, port: 70_000 }, /spec\.port/],
  ["Lull's own port", { protocol: 'http', code: { image: 'x' }, port: 19_090 }, /19090/],
  ['a log format that there is not', { ...good, logFormat: 'json' }, /spec\.logFormat.*"Text", "JSON"/],
  ['a log format for a server', { protocol: 'http', code: { image: 'x' }, logFormat: 'JSON' }, /spec\.logFormat is for protocol 'lambda'/],
  ['an event that there is not', { ...good, httpEvent: 'v2' }, /spec\.httpEvent/],
  ['an event for a server', { protocol: 'http', code: { image: 'x' }, httpEvent: 'alb' }, /spec\.httpEvent is for protocol 'lambda'/],
  ['an origin with a path', { ...good, cors: { allowOrigins: ['https://a.example/b'] } }, /spec\.cors\.allowOrigins\[0\]/],
  ['a method in small letters', { ...good, cors: { allowMethods: ['get'] } }, /spec\.cors\.allowMethods\[0\]/],
  ['a header of two lines', { ...good, cors: { exposeHeaders: ['a\r\nb'] } }, /spec\.cors\.exposeHeaders\[0\]/],
  ['a preflight remembered for ever', { ...good, cors: { maxAge: 86_401 } }, /spec\.cors\.maxAge/],
  ['origins for a server', { protocol: 'http', code: { image: 'x' }, cors: {} }, /spec\.cors is for protocol 'lambda'/],
  ['timeout 0', { ...good, timeoutSeconds: 0 }, /spec\.timeoutSeconds/],
  ['timeout of an hour', { ...good, timeoutSeconds: 3600 }, /spec\.timeoutSeconds/],
  ['a timeout in words', { ...good, timeoutSeconds: '30s' }, /spec\.timeoutSeconds/],
  ['concurrency 0 for a handler', { ...good, concurrency: 0 }, /spec\.concurrency/],
  ['negative concurrency', { ...good, concurrency: -1 }, /spec\.concurrency/],
  ['target 0', { ...good, scale: { target: 0 } }, /spec\.scale\.target/],
  ['min greater than max', { ...good, scale: { min: 5, max: 2 } }, /spec\.scale\.min/],
  ['min greater than the default max', { ...good, scale: { min: 200 } }, /spec\.scale\.min/],
  ['negative min', { ...good, scale: { min: -1 } }, /spec\.scale\.min/],
  ['max 0', { ...good, scale: { max: 0 } }, /spec\.scale\.max/],
  ['idleSeconds 0', { ...good, scale: { idleSeconds: 0 } }, /spec\.scale\.idleSeconds/],
  ['a panic window longer than the stable one', { ...good, scale: { panicWindowSeconds: 90 } }, /panicWindowSeconds/],
  ['a metric of a type that is not served', { ...good, scale: { metric: 'promql', query: 'up' } }, /spec\.scale\.(metric|query)/],
  ['a query that is a number', { ...good, scale: { query: 5 } }, /spec\.scale\.query/],
  ['an unknown field', { ...good, handlr: 'x' }, /spec\.handlr/],
  ['a LULL_ variable', { ...good, env: [{ name: 'LULL_TOKEN', value: 'x' }] }, /LULL_/],
  ['the variable of the log format', { ...good, env: [{ name: 'AWS_LAMBDA_LOG_FORMAT', value: 'JSON' }] }, /reserved by AWS Lambda/],
  ["one of Lambda's variables", { ...good, env: [{ name: '_HANDLER', value: 'x' }] }, /reserved by AWS Lambda/],
  ['a variable with a wrong name', { ...good, env: [{ name: 'A-B', value: 'x' }] }, /spec\.env\[0\]\.name/],
  [
    'a variable twice',
    {
      ...good,
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    },
    /(env.*[Dd]uplicate|[Dd]uplicate.*env)/s,
  ],
  ['value and valueFrom', { ...good, env: [{ name: 'A', value: '1', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }] }, /not both/],
  ['an empty valueFrom', { ...good, env: [{ name: 'A', valueFrom: {} }] }, /exactly one of secretKeyRef/],
  ['a quantity that is none', { ...good, resources: { limits: { memory: 'lots' } } }, /spec\.resources\.limits\.memory/],
  ['an unknown resource', { ...good, resources: { limits: { gpu: '1' } } }, /spec\.resources\.limits\.gpu/],
];

const sha256 = 'a'.repeat(64);
const archive = { url: 'https://example.com/code.zip', sha256 };
const git = { url: 'https://example.com/repo.git' };

/** Wrong sources: what is wrong, spec.code (or more of the spec), and what the refusal must name. */
const REFUSED_SOURCES: [string, Record<string, unknown>, RegExp][] = [
  ['two sources', { archive, git }, /exactly one of inline/],
  ['a source that there is not', { zip: 'https://example.com/code.zip' }, /spec\.code\.zip/],
  [
    'an archive over https without its digest',
    { archive: { url: archive.url } },
    /spec\.code\.archive\.sha256 is required for http and https/,
  ],
  ['a digest that is too short', { archive: { ...archive, sha256: 'abc' } }, /spec\.code\.archive\.sha256/],
  [
    'an archive of a kind that is not told',
    { archive: { ...archive, url: 'https://example.com/code' } },
    /spec\.code\.archive\.format is needed/,
  ],
  ['an archive of a kind that there is not', { archive: { ...archive, format: 'rar' } }, /spec\.code\.archive\.format.*"zip", "tgz"/],
  ['an archive by ftp', { archive: { ...archive, url: 'ftp://example.com/code.zip' } }, /spec\.code\.archive\.url/],
  ['an archive from a file', { archive: { ...archive, url: 'file:///etc/passwd.zip' } }, /spec\.code\.archive\.url/],
  ['a password in the URL', { archive: { ...archive, url: 'https://me:secret@example.com/code.zip' } }, /spec\.code\.archive\.url/],
  [
    'S3 settings for https',
    { archive: { ...archive, s3: { region: 'eu-central-1' } } },
    /spec\.code\.archive\.s3 is for a url that begins with s3/,
  ],
  [
    'an endpoint without a scheme',
    { archive: { url: 's3://b/k.zip', s3: { endpoint: 'minio:9000' } } },
    /spec\.code\.archive\.s3\.endpoint/,
  ],
  ['a blob that is named by no digest', { archive: { url: 'store:///code.zip' } }, /spec\.code\.archive\.url/],
  [
    'credentials for the store',
    { archive: { url: `store:///${sha256}`, format: 'zip', credentialsSecret: { name: 'a' } } },
    /spec\.code\.archive\.credentialsSecret does not apply/,
  ],
  ['a repository with a password in its URL', { git: { url: 'https://me:secret@example.com/r.git' } }, /must not hold a user or password/],
  ['a repository that is a folder', { git: { url: '/srv/repo' } }, /spec\.code\.git\.url/],
  ['a repository by an option', { git: { url: '--upload-pack=touch /tmp/x' } }, /spec\.code\.git\.url/],
  ['a ref that is an option', { git: { ...git, ref: '--force' } }, /spec\.code\.git\.ref/],
  ['a ref that is a range', { git: { ...git, ref: 'main..dev' } }, /spec\.code\.git\.ref must be a branch/],
  ['a folder outside the repository', { git: { ...git, path: 'a/../../etc' } }, /spec\.code\.git\.path must be a folder inside/],
  ['a folder from the root', { git: { ...git, path: '/etc' } }, /spec\.code\.git\.path/],
  ['an artifact without a name', { oci: {} }, /spec\.code\.oci\.image.*[Rr]equired/],
  ['a ConfigMap without a name', { configMap: {} }, /spec\.code\.configMap\.name.*[Rr]equired/],
];

const REFUSED_LAYERS: [string, Record<string, unknown>, RegExp][] = [
  ['six layers', { layers: Array(6).fill({ archive }) }, /spec\.layers.*5 items/],
  ['no layer', { layers: [] }, /spec\.layers.*at least 1/],
  ['a layer without a source', { layers: [{}] }, /spec\.layers: a layer needs exactly one of/],
  ['a layer with two sources', { layers: [{ archive, git }] }, /a layer needs exactly one of/],
  ['a layer that is inline', { layers: [{ inline: { 'a.py': '' } }] }, /spec\.layers\[0\]\.inline/],
  ['a layer over https without its digest', { layers: [{ archive: { url: archive.url } }] }, /sha256 is required/],
  [
    'layers for a server',
    { protocol: 'http', runtime: undefined, handler: undefined, code: { image: 'x' }, layers: [{ archive }] },
    /spec\.layers are for protocol/,
  ],
];

/** Container images of handlers. */
const image = { code: { image: 'registry.example:5000/you/app:1' } };
REFUSED.push(
  ['an image of a handler with a runtime', { ...image, runtime: 'python3.11' }, /spec\.runtime does not apply to spec\.code\.image/],
  ['an image of a handler with layers', { ...image, layers: [{ archive }] }, /spec\.layers do not apply to spec\.code\.image/],
  ['a command for a server', { ...image, protocol: 'http', imageConfig: { command: ['a'] } }, /spec\.imageConfig is for spec\.code\.image/],
  ['a command for inline code', { ...good, imageConfig: { command: ['a'] } }, /spec\.imageConfig is for spec\.code\.image/],
  ['a handler and a command', { ...image, handler: 'a.b', imageConfig: { command: ['a.b'] } }, /spec\.handler is short for/],
  ['a handler of two words', { ...image, handler: 'a.b c' }, /spec\.handler is one word/],
  ['an entry point that is a string', { ...image, imageConfig: { entryPoint: '/main' } }, /spec\.imageConfig\.entryPoint/],
  ['a working directory that is relative', { ...image, imageConfig: { workingDirectory: 'srv' } }, /spec\.imageConfig\.workingDirectory/],
  [
    'a way in that there is not',
    { ...image, imageConfig: { bridge: 'sidecar' } },
    /spec\.imageConfig\.bridge.*"shared-processes", "volume"/,
  ],
  [
    'a pull secret without an image',
    { ...good, code: { ...code, pullSecret: { name: 'a' } } },
    /spec\.code\.pullSecret is for spec\.code\.image/,
  ],
);

const query = 'sum(jobs{namespace="{{namespace}}"})';
const prometheus = { type: 'prometheus', target: 10, query };
const floor = { cron: '0 8 * * 1-5', min: 2 };

/** Wrong ways to scale: what is wrong, spec.scale, and what the refusal must name. */
const REFUSED_SCALES: [string, Record<string, unknown>, RegExp][] = [
  [
    'a metric of a type that there is not',
    { metrics: [{ type: 'cpu', target: 5 }] },
    /metrics\[0\]\.type.*"concurrency", "rps", "prometheus"/,
  ],
  ['a metric without a type', { metrics: [{ target: 5 }] }, /metrics\[0\]\.type.*[Rr]equired/],
  ['no metric', { metrics: [] }, /spec\.scale\.metrics.*at least 1/],
  ['six metrics', { metrics: Array(6).fill(prometheus) }, /spec\.scale\.metrics.*5 items/],
  ['metrics that are an object', { metrics: prometheus }, /spec\.scale\.metrics.*list/],
  ['type prometheus without a query', { metrics: [{ type: 'prometheus', target: 10 }] }, /type prometheus needs query/],
  ['type prometheus without a target', { metrics: [{ type: 'prometheus', query }] }, /rps and prometheus need target/],
  ['type rps without a target', { metrics: [{ type: 'rps' }] }, /rps and prometheus need target/],
  ['type concurrency with a query', { metrics: [{ type: 'concurrency', target: 5, query }] }, /query is for type prometheus/],
  ['type rps with a query', { metrics: [{ type: 'rps', target: 5, query }] }, /query is for type prometheus/],
  ['an empty query', { metrics: [{ ...prometheus, query: '' }] }, /metrics\[0\]\.query/],
  ['a blank query', { metrics: [{ ...prometheus, query: '  ' }] }, /query is blank/],
  ['a query of 2001 characters', { metrics: [{ ...prometheus, query: 'x'.repeat(2001) }] }, /metrics\[0\]\.query/],
  [
    'a query with a name that is not filled in',
    { metrics: [{ ...prometheus, query: 'q{pod="{{pod}}"}' }] },
    /\{\{namespace\}\} and \{\{name\}\}/,
  ],
  ['a query with spaces in the braces', { metrics: [{ ...prometheus, query: 'q{n="{{ name }}"}' }] }, /written without spaces/],
  ['a target of a metric that is 0', { metrics: [{ ...prometheus, target: 0 }] }, /metrics\[0\]\.target.*greater than or equal to 1/],
  ['a target of a metric that is a fraction', { metrics: [{ ...prometheus, target: 2.5 }] }, /metrics\[0\]\.target.*integer/],
  ['a target of a metric in words', { metrics: [{ ...prometheus, target: 'ten' }] }, /metrics\[0\]\.target.*numeric/],
  ['a metric with a field that there is not', { metrics: [{ ...prometheus, threshold: 5 }] }, /metrics\[0\]\.threshold/],
  ['target beside metrics', { target: 5, metrics: [prometheus] }, /give either it or spec\.scale\.metrics/],
  ['type concurrency twice', { metrics: [{ type: 'concurrency' }, { type: 'concurrency', target: 5 }] }, /one entry of type concurrency/],
  [
    'type rps twice',
    {
      metrics: [
        { type: 'rps', target: 5 },
        { type: 'rps', target: 6 },
      ],
    },
    /one of type rps/,
  ],
  ['an initial number greater than max', { initial: 5, max: 2 }, /spec\.scale\.initial must not be greater/],
  ['an initial number of 0', { initial: 0 }, /spec\.scale\.initial.*greater than or equal to 1/],
  ['min in words', { min: 'two' }, /spec\.scale\.min.*numeric/],
  ['idleSeconds 1', { idleSeconds: 1 }, /spec\.scale\.idleSeconds.*greater than or equal to 2/],
  ['idleSeconds of more than a day', { idleSeconds: 86_401 }, /spec\.scale\.idleSeconds.*86400/],
  ['idleSeconds with a unit', { idleSeconds: '60s' }, /spec\.scale\.idleSeconds.*numeric/],
  ['an idle policy that there is not', { idle: 'sometimes' }, /spec\.scale\.idle.*"fixed", "auto"/],
  ['idle auto with a min', { idle: 'auto', min: 1 }, /'auto' chooses when to go to zero/],
  ['a stable window of 5 s', { stableWindowSeconds: 5 }, /spec\.scale\.stableWindowSeconds.*greater than or equal to 6/],
  ['a panic window of 1 s', { panicWindowSeconds: 1 }, /spec\.scale\.panicWindowSeconds.*greater than or equal to 2/],
  ['a panic window longer than the stable one given', { panicWindowSeconds: 20, stableWindowSeconds: 10 }, /must not be longer/],
  ['a negative scale-down delay', { scaleDownDelaySeconds: -1 }, /spec\.scale\.scaleDownDelaySeconds/],
  ['a scale-up rate of 1', { maxScaleUpRate: 1 }, /spec\.scale\.maxScaleUpRate.*greater than or equal to 2/],
  ['a scale-down rate of 1', { maxScaleDownRate: 1 }, /spec\.scale\.maxScaleDownRate.*greater than or equal to 2/],
  ['a negative burst capacity', { burstCapacity: -1 }, /spec\.scale\.burstCapacity/],
  ['paused in words', { paused: 'sometimes' }, /spec\.scale\.paused.*boolean/],
  ['an empty schedule', { schedule: [] }, /spec\.scale\.schedule.*at least 1/],
  ['a schedule without a min', { schedule: [{ cron: floor.cron }] }, /schedule\[0\]\.min.*[Rr]equired/],
  ['a schedule without a cron', { schedule: [{ min: 2 }] }, /schedule\[0\]\.cron.*[Rr]equired/],
  ['a cron of six fields', { schedule: [{ ...floor, cron: '0 0 8 * * 1' }] }, /schedule\[0\]\.cron/],
  ['a cron by nickname', { schedule: [{ ...floor, cron: '@weekdays' }] }, /schedule\[0\]\.cron/],
  ['a floor above max', { max: 1, schedule: [floor] }, /schedule: a min must not be greater than spec\.scale\.max/],
  ['a negative floor', { schedule: [{ ...floor, min: -1 }] }, /schedule\[0\]\.min/],
  ['a time zone with a space', { schedule: [{ ...floor, timeZone: 'Europe Berlin' }] }, /schedule\[0\]\.timeZone/],
  ['a direct access that there is not', { directAccess: 'always' }, /spec\.scale\.directAccess.*"auto", "never"/],
];

const REFUSED_NAMES: [string, RegExp][] = [
  ['a'.repeat(51), /at most 50/],
  ['a'.repeat(64), /at most 50|63/],
  ['1st', /begins with a letter/],
  ['a.b', /DNS label/],
  ['Upper', /lower case|RFC 1123/],
];

describe('wrong manifests', () => {
  beforeAll(() => withNamespace(ns));
  afterAll(() => kubectl(['delete', 'namespace', ns, '--wait=false']));

  it.each(REFUSED)('%s is refused with a sentence that names the field', async (_what, spec, names) => {
    const { code: exit, stderr } = await kubectl(['apply', '--server-side', '-f', '-'], stringify(lullFunction('wrong', ns, spec)));
    expect(exit, 'kubectl apply must fail').not.toBe(0);
    expect(stderr).toMatch(names);
  });

  it.each(REFUSED_SCALES)('spec.scale: %s is refused with a sentence that names the field', async (_what, scale, names) => {
    const manifest = stringify(lullFunction('wrong', ns, { ...good, scale }));
    const { code: exit, stderr } = await kubectl(['apply', '--server-side', '-f', '-'], manifest);
    expect(exit, 'kubectl apply must fail').not.toBe(0);
    expect(stderr).toMatch(names);
  });

  it.each([
    ...REFUSED_SOURCES.map(([what, source, names]) => [what, { code: source }, names] as const),
    ...REFUSED_LAYERS,
    ['a handler in a folder outside', { code: { archive }, handler: '../app.handler' }, /without '\.\.', spaces/] as const,
  ])('code: %s is refused with a sentence that names the field', async (_what, spec, names) => {
    const manifest = stringify(lullFunction('wrong', ns, { ...good, ...spec }));
    const { code: exit, stderr } = await kubectl(['apply', '--server-side', '-f', '-'], manifest);
    expect(exit, 'kubectl apply must fail').not.toBe(0);
    expect(stderr).toMatch(names);
  });

  const warmManifest = (kind: 'WarmPool' | 'Runtime', name: string, spec: unknown): string => {
    const metadata = { name, ...(kind === 'WarmPool' && { namespace: ns }) };
    return stringify({ apiVersion: 'lull.dev/v1alpha1', kind, metadata, ...(spec !== undefined && { spec }) });
  };

  it.each([
    ...WRONG_WARM_POOLS.map(([what, wrong, names]) => ['WarmPool', what, wrong, names] as const),
    ...WRONG_RUNTIMES.map(([what, wrong, names]) => ['Runtime', what, wrong, names] as const),
  ])('%s: %s is refused with a sentence that names the field', async (kind, _what, { name = 'wrong', spec }, names) => {
    const { code: exit, stderr } = await kubectl(['apply', '--server-side', '-f', '-'], warmManifest(kind, name, spec));
    expect(exit, 'kubectl apply must fail').not.toBe(0);
    expect(stderr).toMatch(names);
  });

  it('WarmPools and Runtimes that are right are taken', async () => {
    const manifests = [
      ...RIGHT_WARM_POOLS.map((spec) => warmManifest('WarmPool', 'right', spec)),
      ...RIGHT_RUNTIMES.map((spec) => warmManifest('Runtime', 'e2e-right', spec)),
    ];
    for (const manifest of manifests) {
      const { code: exit, stderr } = await kubectl(['apply', '--dry-run=server', '-f', '-'], manifest);
      expect(`${exit} ${stderr}`).toBe('0 ');
    }
  });

  // The pool's pods are 256Mi, and the namespace lets none have more than 64Mi: nothing of it shows before a pod is made.
  it('a pool whose pods the API server refuses says so in its words, and makes no other', async () => {
    const own = `${ns}-limited`;
    await withNamespace(own);
    await apply(
      {
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'small', namespace: own },
        spec: { limits: [{ type: 'Container', max: { memory: '64Mi' } }] },
      },
      { apiVersion: 'lull.dev/v1alpha1', kind: 'WarmPool', metadata: { name: 'python', namespace: own }, spec: { runtime: 'python3.11' } },
    );
    const pool = await until(
      'Ready False',
      async () => {
        const now = await getJson<LullFunctionView>(['warmpool', 'python', '-n', own]);
        return now.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'False' ? now : undefined;
      },
      5000,
    );
    const ready = pool.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ reason: 'PodRefused', message: expect.stringContaining('maximum memory usage per Container is 64Mi') });
    expect((await getJson<{ items: unknown[] }>(['pods', '-n', own])).items).toEqual([]);
    await kubectl(['delete', 'namespace', own, '--wait=false']);
  });

  it('every kind of source that is right is taken', async () => {
    const sources = [
      { archive },
      { archive: { url: 's3://bucket/folder/code.zip', s3: { endpoint: 'http://minio.storage:9000', forcePathStyle: true } } },
      { archive: { url: `store:///${sha256}`, format: 'zip' } },
      { git: { ...git, ref: 'release/1.2', path: 'services/greet', credentialsSecret: { name: 'deploy-key' } } },
      { git: { url: 'git@example.com:team/repo.git' } },
      { oci: { image: 'registry.example:5000/team/code:1', pullSecret: { name: 'pull' } } },
      { configMap: { name: 'code' } },
    ];
    for (const source of sources) {
      const spec = {
        ...good,
        handler: '/opt/python/@scope/.build/app.handler',
        code: source,
        layers: [{ archive }, { oci: { image: 'r/layer:1' } }],
      };
      const { code: exit, stderr } = await kubectl(['apply', '--dry-run=server', '-f', '-'], stringify(lullFunction('right', ns, spec)));
      expect(`${exit} ${stderr}`).toBe('0 ');
    }
  });

  it('an image of a handler needs nothing else, and may have all of it', async () => {
    const full = { entryPoint: ['/main'], command: [], workingDirectory: '/srv', bridge: 'volume' };
    for (const spec of [
      image,
      { ...image, handler: 'com.example.Handler::handleRequest' },
      { code: { ...image.code, pullSecret: { name: 'registry' } }, imageConfig: full, logFormat: 'JSON', concurrency: 4 },
    ]) {
      const { code: exit, stderr } = await kubectl(['apply', '--dry-run=server', '-f', '-'], stringify(lullFunction('right', ns, spec)));
      expect(`${exit} ${stderr}`).toBe('0 ');
    }
  });

  it('what they are wrong of is right', async () => {
    const scale = { metrics: [prometheus, { type: 'rps', target: 100 }, { type: 'concurrency' }], schedule: [floor], initial: 2, max: 5 };
    await apply(lullFunction('right', ns, { ...good, scale }));
  });

  it.each(REFUSED_NAMES)('the name %s is refused', async (name, says) => {
    const { code: exit, stderr } = await kubectl(['apply', '-f', '-'], stringify(lullFunction(name, ns, good)));
    expect(exit).not.toBe(0);
    expect(stderr).toMatch(says);
  });

  const reported: [string, Record<string, unknown>, string, RegExp][] = [
    ['unknown-runtime', { ...good, runtime: 'cobol85' }, 'RuntimeNotFound', /spec\.runtime.*cobol85.*kubectl get runtimes/],
    ['taken', { ...good }, 'ServiceTaken', /Service taken/],
  ];
  it.each(reported)('%s is reported on Ready within 2 s, and others go on', async (name, spec, reason, says) => {
    if (name === 'taken')
      await apply({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: ns }, spec: { ports: [{ port: 80 }] } });
    await apply(lullFunction(name, ns, spec), pythonFunction(`beside-${name}`, ns, 'def lambda_handler(e, c):\n    return 1\n'));
    const fn = await until(
      'Ready False',
      async () => {
        const now = await getJson<LullFunctionView>(['fn', name, '-n', ns]);
        return now.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'False' ? now : undefined;
      },
      2500,
    );
    const ready = fn.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready?.reason).toBe(reason);
    expect(ready?.message).toMatch(says);
    await untilReady(`beside-${name}`, ns, 3000);
  });
});
