import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LullFunction } from '../common/api/function.ts';
import { codeDigest } from '../common/api/token.ts';
import type { Answer } from '../test/support/http.ts';
import { files, fnObject, Rig } from './testing/rig.ts';

describe('data plane', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = new Rig();
    await rig.listen();
  });
  afterEach(() => rig.close());
  const fn = () => rig.plane.table.get('ns/f');

  it('holds a request at zero, wakes once, hands out the code, and answers when the pod announces itself', async () => {
    rig.add(fnObject('f'));
    const calls = [rig.call('f'), rig.call('f')];
    await vi.waitFor(() => expect(rig.scaled).toEqual([['ns', 'f-1', 1]]));
    const pod = await rig.pod('f', (_req, res) => res.end('hi'));
    const answers = await Promise.all(calls);
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, 'hi'],
      [200, 'hi'],
    ]);
    expect(answers[0]?.headers['server-timing']).toMatch(/^cold;dur=.*patch;dur=.*process;dur=.*announce;dur=30.*handler;dur=/);
    expect(rig.scaled.length).toBe(1);
    await vi.waitFor(() => expect(pod.lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['welcome', 'code']));
    expect(JSON.parse(pod.lines[1] ?? '')).toMatchObject({ digest: codeDigest(files), files });
    expect(fn()?.demand.now).toBe(0);
  });

  it('tries the wake again when the API server does not answer', async () => {
    rig.add(fnObject('f'));
    let attempts = 0;
    rig.scale = async () => {
      attempts += 1;
      if (attempts < 3) throw new Error('connection refused');
      return true;
    };
    const call = rig.call('f');
    await vi.waitFor(() => expect(attempts).toBe(3), 3000);
    await rig.pod('f', (_req, res) => res.end('late'));
    expect((await call).body).toBe('late');
  });

  it('keeps the hard limit of a pod and serves first come first', async () => {
    rig.add(fnObject('f', { concurrency: 2 }), 1);
    let running = 0;
    let most = 0;
    const order: string[] = [];
    const waiting: (() => void)[] = [];
    let open = false;
    await rig.pod('f', (req, res) => {
      running += 1;
      most = Math.max(most, running);
      order.push(req.url ?? '');
      const finish = (): void => {
        running -= 1;
        res.end('ok');
      };
      if (open) setImmediate(finish);
      else waiting.push(finish);
    });
    const answers: Promise<{ status: number }>[] = [];
    for (let i = 0; i < 20; i += 1) {
      answers.push(rig.call('f', { path: `/${i}` }));
      await vi.waitFor(() => expect(fn()?.demand.now).toBe(i + 1), { interval: 1 });
    }
    open = true;
    for (const finish of waiting) finish();
    expect((await Promise.all(answers)).every(({ status }) => status === 200)).toBe(true);
    expect(most).toBe(2);
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => `/${i}`));
  });

  it('a refused connection costs the client nothing: the request goes to another pod, body and all', async () => {
    rig.add(fnObject('f'), 2);
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    await rig.announce('f', port, 'pod-gone');
    const call = rig.call('f', { method: 'POST', body: 'the body', headers: { 'content-type': 'text/plain' } });
    await rig.pod('f', (req, res) => void req.pipe(res), 'pod-2');
    const answer = await call;
    expect([answer.status, answer.body]).toEqual([200, 'the body']);
  });

  it('a connection that breaks after the request was sent is answered 502 and not sent again', async () => {
    rig.add(fnObject('f'), 1);
    let executions = 0;
    await rig.pod('f', (req) => {
      executions += 1;
      req.socket.destroy();
    });
    const answer = await rig.call('f');
    expect([answer.status, answer.headers['x-lull-error']]).toEqual([502, 'PodUnreachable']);
    expect(executions).toBe(1);
    expect(fn()?.demand.now).toBe(0);
  });

  it('a draining pod gets nothing new and finishes what it has', async () => {
    rig.add(fnObject('f', { concurrency: 5 }), 1);
    let finish = (): void => undefined;
    const pod = await rig.pod(
      'f',
      (_req, res) => {
        finish = () => void res.end('old');
      },
      'pod-old',
    );
    const first = rig.call('f');
    await vi.waitFor(() => expect(fn()?.pods.get('pod-old')?.running).toBe(1));
    pod.say({ type: 'draining' });
    await vi.waitFor(() => expect(fn()?.pods.get('pod-old')?.draining).toBe(true));
    const second = rig.call('f');
    await rig.pod('f', (_req, res) => res.end('new'), 'pod-new');
    expect((await second).body).toBe('new');
    finish();
    expect((await first).body).toBe('old');
  });

  it('a client that leaves frees its place', async () => {
    rig.add(fnObject('f'));
    const req = request({ host: '127.0.0.1', port: rig.port, headers: { host: 'f.ns' } }).on('error', () => undefined);
    req.end();
    await vi.waitFor(() => expect(fn()?.queue.length).toBe(1));
    req.destroy();
    await vi.waitFor(() => expect(fn()?.queue.length).toBe(0));
    expect(fn()?.demand.now).toBe(0);
  });

  it('a client that leaves a handler that runs keeps its slot until that has ended; a server is told, and its place is free at once', async () => {
    const begin = async (protocol: 'lambda' | 'http'): Promise<{ running: () => number; finish: () => void; second: Promise<Answer> }> => {
      rig.add(fnObject(protocol, { protocol, concurrency: 1 }), 1);
      const finishes: (() => void)[] = [];
      await rig.pod(protocol, (_req, res) => void finishes.push(() => void res.end(`answer ${finishes.length}`)), `pod-${protocol}`);
      const of = () => rig.plane.table.get(`ns/${protocol}`);
      const req = request({ host: '127.0.0.1', port: rig.port, headers: { host: `${protocol}.ns` } }).on('error', () => undefined);
      req.end();
      await vi.waitFor(() => expect(finishes.length).toBe(1));
      const second = rig.call(protocol);
      await vi.waitFor(() => expect(of()?.queue.length).toBe(1));
      const before = rig.plane.requests.size;
      req.destroy();
      await vi.waitFor(() => expect(rig.plane.requests.size).toBe(before - 1));
      return { running: () => finishes.length, finish: () => finishes.at(-1)?.(), second };
    };
    const server = await begin('http');
    await vi.waitFor(() => expect(server.running()).toBe(2));
    server.finish();
    expect((await server.second).body).toBe('answer 2');

    const handler = await begin('lambda');
    expect(handler.running()).toBe(1);
    handler.finish();
    await vi.waitFor(() => expect(handler.running()).toBe(2));
    handler.finish();
    expect((await handler.second).body).toBe('answer 2');
    await vi.waitFor(() => expect(rig.plane.table.get('ns/lambda')?.demand.now).toBe(0));
    expect(rig.plane.table.get('ns/lambda')?.metrics.left).toBe(1);
  });

  it('is not waited for longer than the function may run', async () => {
    rig.add(fnObject('f', { concurrency: 1, timeoutSeconds: 1 }), 1);
    let came = 0;
    await rig.pod('f', () => {
      came += 1;
    });
    const req = request({ host: '127.0.0.1', port: rig.port, headers: { host: 'f.ns' } }).on('error', () => undefined);
    req.end();
    await vi.waitFor(() => expect(came).toBe(1));
    req.destroy();
    await vi.waitFor(() => expect(fn()?.demand.now).toBe(0), 5000);
    expect(fn()?.metrics.left).toBe(1);
  });

  it('holds callers while code is fetched for the first time, says why when that fails, and serves when it is there', async () => {
    const at = (status: 'False' | 'Unknown', reason: string): LullFunction => {
      const conditions = [
        { type: 'CodeReady', status, reason, message: 'https://secret.example: no', lastTransitionTime: '2026-01-01T00:00:00Z' },
      ];
      return { ...fnObject('f', { concurrency: 5, whileWaking: { placeholder: { body: 'a moment' } } }), status: { conditions } };
    };
    rig.plane.table.functionChanged(at('Unknown', 'Fetching'));
    const post = { method: 'POST', body: 'x' };
    const early = rig.call('f', post);
    await vi.waitFor(() => expect(fn()?.queue.length).toBe(1));
    rig.plane.table.functionChanged(at('False', 'DigestMismatch'));
    // The one that was held, one that comes later, and one that a page would have asked to wait.
    for (const { status, headers, body } of [await early, await rig.call('f', post), await rig.call('f')]) {
      expect([status, headers['x-lull-error'], headers['retry-after']]).toEqual([503, 'CodeNotReady', '1']);
      expect(JSON.parse(body)).toMatchObject({ code: 'CodeNotReady', detail: 'the condition CodeReady is False: DigestMismatch' });
      expect(body).not.toContain('secret.example');
    }
    expect(fn()?.demand.now).toBe(0);
    // Tried again: that may help.
    rig.plane.table.functionChanged(at('Unknown', 'Fetching'));
    const held = rig.call('f', post);
    await vi.waitFor(() => expect(fn()?.queue.length).toBe(1));
    rig.add(fnObject('f', { concurrency: 5 }));
    await vi.waitFor(() => expect(rig.scaled).toEqual([['ns', 'f-1', 1]]));
    await rig.pod('f', (_req, res) => res.end('hi'));
    expect([(await held).body, (await rig.call('f')).body]).toEqual(['hi', 'hi']);
  });

  it('says no when a function is unknown, stopped or deleted, and when its time is up', async () => {
    expect((await rig.call('nobody')).headers['x-lull-error']).toBe('NoSuchFunction');
    rig.add(fnObject('f', { replicas: 0 }));
    expect((await rig.call('f')).headers['x-lull-error']).toBe('FunctionStopped');
    rig.plane.table.functionChanged(fnObject('f', { concurrency: 1 }));
    const held = rig.call('f');
    await vi.waitFor(() => expect(fn()?.queue.length).toBe(1));
    rig.plane.table.functionRemoved('ns/f');
    expect([(await held).status, (await held).headers['x-lull-error']]).toEqual([404, 'FunctionDeleted']);

    const quick = new Rig(300, 2);
    await quick.listen();
    quick.add(fnObject('f'));
    const answers = await Promise.all([quick.call('f'), quick.call('f'), quick.call('f')]);
    expect(answers.map(({ status, headers }) => `${status} ${headers['x-lull-error']}`).sort()).toEqual([
      '503 TooManyHeld',
      '504 HoldTimeout',
      '504 HoldTimeout',
    ]);
    quick.close();
  });

  it('refuses announcements that are not a pod’s own', async () => {
    rig.add(fnObject('f'));
    expect((await rig.announce('f', 1, 'p', {}, 'wrong')).status).toBe(401);
    expect((await rig.announce('f', 1, 'p', { ip: '10.9.9.9' })).status).toBe(403);
    expect((await rig.announce('f', 1, 'p', { port: 'x' })).status).toBe(400);
    expect((await rig.announce('g', 1, 'p')).status).toBe(404);
    expect((await rig.announce('f', 1, 'p', { needsCode: 'other' })).status).toBe(404);
    expect(fn()?.pods.size ?? 0).toBe(0);
  });

  it('a pod that vanishes in the middle of its announcement is forgotten, and nothing else happens', async () => {
    rig.add(fnObject('f'), 1);
    const pod = await rig.pod('f', (_req, res) => res.end('ok'));
    expect((await rig.call('f')).body).toBe('ok');
    pod.end();
    await vi.waitFor(() => expect(fn()?.pods.get('pod-1')?.announced).toBe(false));
    await rig.announce('f', pod.port, 'pod-1');
    expect((await rig.call('f')).body).toBe('ok');
  });

  it('streams both ways: a big upload, an answer in pieces', async () => {
    rig.add(fnObject('f'), 1);
    await rig.pod('f', (req, res) => {
      let bytes = 0;
      req.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      req.on('end', () => {
        res.writeHead(200, { 'x-several': ['a', 'b'] });
        res.write('first ');
        setImmediate(() => res.end(String(bytes)));
      });
    });
    const answer = await rig.call('f', { method: 'POST', body: Buffer.alloc(20 << 20) });
    expect(answer.body).toBe(`first ${20 << 20}`);
    expect(answer.headers['x-several']).toBe('a, b');
  });
});
