import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accessLog } from './access-log.ts';
import { monotonic } from './clock.ts';
import { fnObject, Rig } from './testing/rig.ts';
import { tlsListener } from './tls-listener.ts';

describe('what a function may choose', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = new Rig();
    await rig.listen();
  });
  afterEach(() => rig.close());

  it('answers paths that never wake it', async () => {
    rig.add(
      fnObject('f', {
        answers: [
          { path: '/healthz', body: 'fine' },
          { path: '/favicon.ico', status: 204 },
        ],
      }),
    );
    const health = await rig.call('f', { path: '/healthz?x=1' });
    expect([health.status, health.body, health.headers['content-type']]).toEqual([200, 'fine', 'text/plain; charset=utf-8']);
    expect((await rig.call('f', { path: '/favicon.ico' })).status).toBe(204);
    const head = await rig.call('f', { path: '/healthz', method: 'HEAD' });
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '4']);
    expect(rig.scaled).toEqual([]);
    expect(rig.plane.open).toBe(0);
  });

  it('shows a page while it wakes, wakes, and lets a POST wait', async () => {
    rig.add(fnObject('f', { concurrency: 5, whileWaking: { placeholder: { body: 'a moment' } } }));
    const page = await rig.call('f');
    expect([page.status, page.body, page.headers['retry-after']]).toEqual([503, 'a moment', '1']);
    await vi.waitFor(() => expect(rig.scaled).toEqual([['ns', 'f-1', 1]]));
    const waiting = rig.call('f', { method: 'POST', body: 'x' });
    await rig.pod('f', (_req, res) => res.end('awake'));
    expect((await waiting).body).toBe('awake');
    expect((await rig.call('f')).body).toBe('awake');
    expect(rig.scaled.length).toBe(1);
  });

  it('writes a fraction of its requests to the access log, and every error of ours', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = { info: (line: Record<string, unknown>) => lines.push(line) };
    const logged = new Rig(100, 10, { onFinished: accessLog(log as never, 0.25, monotonic) });
    await logged.listen();
    logged.add(fnObject('f', { concurrency: 5 }), 1);
    await logged.pod('f', (_req, res) => res.end('ok'));
    for (let i = 0; i < 8; i += 1) await logged.call('f', { path: '/p' });
    expect(lines.length).toBe(2);
    expect(lines[0]).toMatchObject({ function: 'ns/f', method: 'GET', path: '/p', status: 200, bytesOut: 2, pod: 'pod-1' });
    logged.add(fnObject('asleep'));
    expect((await logged.call('asleep')).status).toBe(504);
    expect(lines.at(-1)).toMatchObject({ function: 'ns/asleep', status: 504, error: 'HoldTimeout' });
    logged.close();
  });
});

describe('HTTPS', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'lull-tls-'));
  const certify = (name: string): void => {
    const args = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
    ];
    execFileSync('openssl', [...args, '-keyout', path.join(dir, 'tls.key'), '-out', path.join(dir, 'tls.crt')], { stdio: 'ignore' });
  };

  it('speaks HTTP/1.1 and HTTP/2, and takes over a renewed certificate', { timeout: 30_000 }, async () => {
    certify('first');
    const rig = new Rig();
    await rig.listen();
    rig.add(fnObject('f', { concurrency: 5 }), 1);
    await rig.pod('f', (req, res) => res.end(`${String(req.headers['x-forwarded-proto'])} ${req.url}`));
    const reloads: unknown[] = [];
    const server = tlsListener({
      dir,
      accept: (socket, http2) => (http2 ? rig.plane.requests.acceptHttp2(socket, true) : rig.plane.requests.accept(socket, true)),
      reloaded: (error) => reloads.push(error),
      watchMillis: 100,
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const get = (): Promise<{ body: string; subject: string }> =>
      new Promise((resolve, reject) => {
        const req = request(
          { host: '127.0.0.1', port, path: '/one', rejectUnauthorized: false, agent: false, headers: { host: 'f.ns' } },
          (res) => {
            let body = '';
            const subject = String(
              (res.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }).getPeerCertificate().subject.CN,
            );
            res.on('data', (chunk: Buffer) => {
              body += chunk.toString();
            });
            res.on('end', () => resolve({ body, subject }));
          },
        );
        req.on('error', reject).end();
      });
    expect(await get()).toEqual({ body: 'https /one', subject: 'first' });
    const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/two', ':authority': 'f.ns' });
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    expect(text).toBe('https /two');
    session.close();
    certify('second');
    await vi.waitFor(() => expect(reloads).toContain(undefined), 10_000);
    await vi.waitFor(async () => expect((await get()).subject).toBe('second'), 5000);
    writeFileSync(path.join(dir, 'tls.crt'), 'broken');
    await vi.waitFor(() => expect(reloads.some((error) => error instanceof Error)).toBe(true), 10_000);
    expect((await get()).subject).toBe('second');
    server.close();
    rig.close();
    rmSync(dir, { recursive: true });
  });
});
