import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PrometheusClient } from './prometheus-client.ts';

const vector = (...values: (string | number)[]): object => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map((value) => ({ metric: { a: 'b' }, value: [1, String(value)] })) },
});

describe('PrometheusClient', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lull-client-'));
  const [key, cert, tokenFile] = ['key.pem', 'cert.pem', 'token'].map((name) => path.join(folder, name)) as [string, string, string];
  let server: Server & { closeAllConnections(): void };
  let client: PrometheusClient;
  beforeAll(() => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', ...subject], {
      stdio: 'ignore',
    });
    return () => rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await client.close();
    server.close();
    server.closeAllConnections();
  });

  async function listen(secure: boolean, answer: (req: IncomingMessage) => { status?: number; body: object | string }): Promise<string> {
    const listener = (req: IncomingMessage, res: import('node:http').ServerResponse): void => {
      req.resume();
      const { status = 200, body } = answer(req);
      res.statusCode = status;
      res.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    server = secure ? createServer({ key: readFileSync(key), cert: readFileSync(cert) }, listener) : createHttpServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `${secure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('by TLS with a CA of its own, a token that rotates, headers of a tenant, and a path in front', async () => {
    const seen: [string | undefined, string | undefined, string | undefined][] = [];
    const url = await listen(true, (req) => {
      seen.push([req.url, req.headers.authorization, req.headers['x-scope-orgid'] as string]);
      return { body: vector(3) };
    });
    writeFileSync(tokenFile, 'first\n');
    client = new PrometheusClient({ url: `${url}/prometheus/`, caFile: cert, tokenFile, headers: { 'X-Scope-OrgID': 'lull' } });
    expect(await client.query('up')).toEqual([{ metric: { a: 'b' }, value: 3 }]);
    writeFileSync(tokenFile, 'second\n');
    await client.query('up');
    expect(seen).toEqual([
      ['/prometheus/api/v1/query', 'Bearer first', 'lull'],
      ['/prometheus/api/v1/query', 'Bearer second', 'lull'],
    ]);
    expect(client.asked).toBe(2);
  });

  it('does not trust whom it was not told to', async () => {
    const url = await listen(true, () => ({ body: vector(1) }));
    client = new PrometheusClient({ url });
    await expect(client.query('up')).rejects.toThrow(/self-signed/);
  });

  it('a token file that is not there is said so', async () => {
    const url = await listen(false, () => ({ body: vector(1) }));
    client = new PrometheusClient({ url, tokenFile: path.join(folder, 'nothing') });
    await expect(client.query('up')).rejects.toThrow(/nothing/);
  });

  it.each<[string, { status?: number; body: object | string }, RegExp]>([
    [
      'an error of the query',
      { status: 400, body: { status: 'error', errorType: 'bad_data', error: 'parse error: unexpected end' } },
      /^parse error: unexpected end$/,
    ],
    ['a gateway’s page', { status: 502, body: '<html>bad gateway' }, /502 with something that is not JSON: <html>/],
    ['nothing', { status: 200, body: '' }, /not JSON/],
    ['null', { status: 200, body: 'null' }, /no result/],
    ['a refusal without words', { status: 401, body: {} }, /answered 401/],
    ['a matrix', { body: { status: 'success', data: { resultType: 'matrix', result: [] } } }, /gives a matrix/],
    ['a result that is no list', { body: { status: 'success', data: { resultType: 'vector', result: {} } } }, /no result/],
  ])('%s is an error that says so', async (_what, answer, says) => {
    const url = await listen(false, () => answer);
    client = new PrometheusClient({ url });
    await expect(client.query('up')).rejects.toThrow(says);
  });

  it('takes a scalar for a vector of one, and leaves elements out that have no value', async () => {
    const answers: object[] = [
      { status: 'success', data: { resultType: 'scalar', result: [1, '7'] } },
      { status: 'success', data: { resultType: 'vector', result: [{ metric: {} }, null, { value: [1, 'NaN'] }] } },
    ];
    const url = await listen(false, () => ({ body: answers.shift() ?? {} }));
    client = new PrometheusClient({ url });
    expect(await client.query('7')).toEqual([{ metric: {}, value: 7 }]);
    expect(await client.query('x')).toEqual([{ metric: {}, value: Number.NaN }]);
  });

  it('waits no longer than it was told', async () => {
    const hanging = createHttpServer(() => undefined);
    server = hanging;
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    client = new PrometheusClient({ url: `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`, timeoutMillis: 200 });
    await expect(client.query('up')).rejects.toThrow(/timeout|aborted/i);
  });
});
