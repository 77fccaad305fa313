import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repoDir } from '../cluster/paths.ts';
import { lullFunction, untilReady, withNamespace } from '../support/functions.ts';
import { type Answer, type CallOptions, call } from '../support/http.ts';
import { apply, kubectl } from '../support/kubectl.ts';

const ns = 'e2e-frameworks';
const image = process.env['LULL_TEST_FRAMEWORKS_IMAGE'] ?? 'docker.io/lull/testframeworks:dev';
const folder = path.join(repoDir, 'examples/frameworks');

/** The files of one example, as inline code. */
function files(framework: string): Record<string, string> {
  const names = readdirSync(path.join(folder, framework), { withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(names.map(({ name }) => [name, readFileSync(path.join(folder, framework, name), 'utf8')]));
}

const scale = { idleSeconds: 60 };
const frameworks = ['express', 'flask', 'fastapi'];
/** Function by name: the folder of its code, and how that is started. */
const adapters: Record<string, [folder: string, spec: Record<string, unknown>]> = {
  'express-serverless-http': ['express', { runtime: 'nodejs24.x', handler: 'lambda-app.handler' }],
  'flask-apig-wsgi': ['flask', { runtime: 'python3.11', handler: 'lambda_app.handler' }],
  'flask-awsgi': ['flask', { runtime: 'python3.11', handler: 'lambda_awsgi.handler', httpEvent: 'apigateway-v1' }],
  'fastapi-mangum': ['fastapi', { runtime: 'python3.11', handler: 'lambda_app.handler' }],
};

const server = (framework: string): object =>
  lullFunction(`${framework}-server`, ns, {
    protocol: 'http',
    code: { image },
    env: [{ name: 'FRAMEWORK', value: framework }],
    resources: { limits: { memory: '256Mi' } },
    scale,
  });
const handlers = Object.entries(adapters).map(([name, [framework, spec]]) =>
  lullFunction(name, ns, { ...spec, code: { inline: files(framework) }, scale }),
);
/** The application by each of its names. */
const names = [...frameworks.map((framework) => `${framework}-server`), ...Object.keys(adapters)];

const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

const hello =
  (name: string, tags: string[]) =>
  ({ status, body }: Answer): void =>
    expect([status, JSON.parse(body)]).toEqual([200, { hello: name, tags, trace: 't' }]);
const LETTERS = 'letters beyond ASCII in the path';
const REPEATED = 'a repeated query';
const COOKIES = 'JSON in and out, two cookies';
/** What an adapter cannot: both take paths for Latin-1, and aws-wsgi hands on one value for each parameter and header. */
const UNASKED: Record<string, string[]> = { 'flask-awsgi': [LETTERS, REPEATED, COOKIES], 'flask-apig-wsgi': [LETTERS] };

/** What each application answers, however it is run. */
const cases: [what: string, request: CallOptions, check: (answer: Answer) => void][] = [
  ['path, query, header', { path: '/hello/Ada?tag=a%26b', headers: { 'x-trace': 't' } }, hello('Ada', ['a&b'])],
  [LETTERS, { path: '/hello/J%C3%B6rg%20X', headers: { 'x-trace': 't' } }, hello('Jörg X', [])],
  [REPEATED, { path: '/hello/Ada?tag=a%26b&tag=c', headers: { 'x-trace': 't' } }, hello('Ada', ['a&b', 'c'])],
  [
    COOKIES,
    { method: 'POST', path: '/echo', headers: { 'content-type': 'application/json' }, body: '{"ä":[1,null]}' },
    ({ status, body, headers }) => {
      expect([status, JSON.parse(body)]).toEqual([201, { ä: [1, null] }]);
      expect(headers['set-cookie']?.map((cookie) => cookie.split(';')[0])).toEqual(['a=1', 'b=2']);
    },
  ],
  [
    'bytes in',
    { method: 'POST', path: '/upload', headers: { 'content-type': 'application/octet-stream' }, body: bytes },
    ({ status, body }) => expect([status, JSON.parse(body)]).toEqual([200, { bytes: 256, base64: bytes.toString('base64') }]),
  ],
  [
    'bytes out',
    { path: '/binary' },
    ({ status, headers, raw }) => {
      expect([status, headers['content-type']]).toEqual([200, 'image/png']);
      expect(raw.equals(bytes)).toBe(true);
    },
  ],
  ['a redirect', { path: '/old' }, ({ status, headers }) => expect([status, headers.location]).toEqual([302, '/hello/new'])],
  ['what is not there', { path: '/missing' }, ({ status }) => expect(status).toBe(404)],
  ['HEAD', { method: 'HEAD', path: '/hello/x' }, ({ status, body }) => expect([[200, 405].includes(status), body]).toEqual([true, ''])],
];

describe('frameworks, each as a server of its own and as a Lambda handler', () => {
  beforeAll(async () => {
    await withNamespace(ns);
    await apply(...frameworks.map(server), ...handlers);
  });
  afterAll(() => kubectl(['delete', 'namespace', ns, '--wait=false']));

  for (const name of names) {
    it(name, { timeout: 240_000 }, async () => {
      await untilReady(name, ns, 180_000);
      for (const [what, request, check] of cases) {
        if (UNASKED[name]?.includes(what)) {
          console.log(`not asked of ${name}, whose adapter cannot: ${what}`);
          continue;
        }
        const answer = await call(name, ns, request);
        expect.soft(answer.status, `${what}: ${answer.body.slice(0, 300)}`).toBeLessThan(500);
        check(answer);
      }
      // Whatever a framework makes of an exception, it is an answer, and the next request works.
      expect((await call(name, ns, { path: '/fails' })).status).toBeGreaterThanOrEqual(500);
      expect((await call(name, ns, { path: '/hello/again' })).status).toBe(200);
    });
  }
});
