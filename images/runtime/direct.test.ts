import { Agent, createServer, type IncomingMessage, type Server } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bridge, type BridgeOptions } from './testing/bridge.ts';

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What a bridge sees of the activators: a port that takes announcements, and one that takes requests; real servers both. */
class Activators {
  readonly messages: Record<string, unknown>[] = [];
  readonly requests: Seen[] = [];
  readonly #control: Server;
  readonly http: Server;

  constructor() {
    this.#control = createServer((req, res) => {
      res.writeHead(200, { 'content-type': 'application/x-ndjson' });
      res.write(`${JSON.stringify({ type: 'welcome', activator: 'a', peers: [] })}\n`);
      let text = '';
      req.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) this.messages.push(JSON.parse(line) as Record<string, unknown>);
      });
      req.on('error', () => undefined);
    });
    this.http = createServer((req, res) => {
      let body = '';
      req.on('data', (chunk: Buffer) => {
        body += chunk.toString('latin1');
      });
      req.on('end', () => {
        this.requests.push({ method: req.method ?? '', url: req.url ?? '', headers: req.headers, body });
        res.writeHead(201, { 'X-Request-Id': String(req.headers['x-request-id']), 'X-From': 'activator' });
        res.write('by an ');
        setTimeout(() => res.end('activator'), 20);
      });
    });
  }

  async listen(): Promise<void> {
    for (const server of [this.#control, this.http]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }

  get addresses(): Pick<BridgeOptions, 'control' | 'http'> {
    const [control, http] = [this.#control, this.http].map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
    return { control: control as string, http: http as string };
  }

  get loads(): unknown[] {
    return this.messages.filter(({ type }) => type === 'load').map(({ direct }) => direct);
  }

  close(): void {
    for (const server of [this.#control, this.http]) server.close().closeAllConnections();
  }
}

const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

describe('the direct port', () => {
  let activators: Activators;
  const bridges: Bridge[] = [];
  beforeEach(async () => {
    activators = new Activators();
    await activators.listen();
  });
  afterEach(() => {
    for (const bridge of bridges.splice(0)) bridge.kill();
    activators.close();
  });

  async function start(options: Partial<BridgeOptions> = {}): Promise<Bridge> {
    const bridge = await Bridge.start({ ...activators.addresses, ...options });
    bridges.push(bridge);
    return bridge;
  }

  it('runs a request here, as if an activator had sent it', async () => {
    const bridge = await start();
    const answer = await bridge.call({
      path: '/a?x=1',
      method: 'POST',
      body: 'hello',
      headers: {
        'x-forwarded-for': '6.6.6.6',
        'x-forwarded-proto': 'https',
        'x-real-ip': '6.6.6.6',
        traceparent: '00-1-2-01',
        'x-request-id': 'mine-1',
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-request-id']).toBe('mine-1');
    expect(answer.headers['server-timing']).toMatch(/handler;dur=/);
    const event = JSON.parse(answer.body) as {
      rawPath: string;
      body: string;
      headers: Record<string, string>;
      requestContext: { http: { sourceIp: string } };
    };
    expect([event.rawPath, event.body, event.requestContext.http.sourceIp]).toEqual(['/a', 'hello', '127.0.0.1']);
    expect(event.headers).toMatchObject({
      host: 'f.ns.svc.cluster.local',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'f.ns.svc.cluster.local',
      'x-request-id': 'mine-1',
      traceparent: '00-1-2-01',
    });
    expect(event.headers).not.toHaveProperty('x-real-ip');
    expect(activators.requests).toEqual([]);
    expect((await bridge.call()).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('believes a proxy that is trusted', async () => {
    const bridge = await start({ env: { LULL_TRUSTED_PROXIES: '127.0.0.0/8' } });
    const { body } = await bridge.call({
      headers: { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https', 'x-real-ip': '203.0.113.7' },
    });
    expect((JSON.parse(body) as { headers: unknown }).headers).toMatchObject({
      'x-forwarded-for': '203.0.113.7, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-real-ip': '203.0.113.7',
    });
  });

  it('hands on what there is no room for, streaming both ways, under the name that activators route by', async () => {
    const bridge = await start();
    const running = bridge.call({ path: '/?ms=500' });
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_direct_demand{')).toBe(1));
    const big = 'x'.repeat(300_000);
    const answer = await bridge.call({
      path: '/p?q=1',
      method: 'PUT',
      body: big,
      headers: { 'x-mine': 'yes', 'content-type': 'text/plain' },
    });
    expect([answer.status, answer.body, answer.headers['x-from'], answer.headers.connection]).toEqual([
      201,
      'by an activator',
      'activator',
      'close',
    ]);
    const [seen] = activators.requests as [Seen];
    expect([seen.method, seen.url, seen.body === big]).toEqual(['PUT', '/p?q=1', true]);
    expect(seen.headers).toMatchObject({
      host: 'f.ns',
      'x-mine': 'yes',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'f.ns.svc.cluster.local',
    });
    expect(seen.headers['x-request-id']).toBe(answer.headers['x-request-id']);
    // The connections of a crowded pod end, so that their callers may be led elsewhere.
    expect((await running).headers.connection).toBe('close');
    expect(await bridge.metric('lull_bridge_direct_overflow_total')).toBe(1);
    expect(await bridge.metric('lull_bridge_direct_requests_total{namespace="ns",function="f",code="2xx"}')).toBe(1);
    expect(await bridge.metric('lull_bridge_direct_demand_seconds_total')).toBeGreaterThan(0.4);
  });

  it('keeps trying while no activator can be connected to', async () => {
    const bridge = await start();
    const port = Number(activators.addresses.http.split(':')[1]);
    activators.http.closeAllConnections();
    await new Promise((resolve) => activators.http.close(resolve));
    const running = bridge.call({ path: '/?ms=1500' });
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_direct_demand{')).toBe(1));
    const waiting = bridge.call({ method: 'POST', body: 'still here' });
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_direct_overflow_total')).toBe(1));
    await sleep(300);
    await new Promise<void>((resolve) => activators.http.listen(port, '127.0.0.1', resolve));
    expect((await waiting).body).toBe('by an activator');
    expect(activators.requests.map(({ body }) => body)).toEqual(['still here']);
    expect((await running).status).toBe(200);
  });

  it('says so when there is none for ten seconds', { timeout: 20_000 }, async () => {
    const bridge = await start({ http: '127.0.0.1:1', env: { LULL_TIMEOUT_SECONDS: '15' } });
    const running = bridge.call({ path: '/?ms=11000' });
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_direct_demand{')).toBe(1));
    const answer = await bridge.call();
    expect([answer.status, answer.headers['x-lull-error'], answer.headers['retry-after']]).toEqual([503, 'NoActivator', '1']);
    expect((await running).status).toBe(200);
  });

  it('a request that went to an activator and met its end is not sent twice', async () => {
    const bridge = await start();
    const running = bridge.call({ path: '/?ms=500' });
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_direct_demand{')).toBe(1));
    let seen = 0;
    activators.http.removeAllListeners('request').on('request', (req: IncomingMessage) => {
      seen += 1;
      req.socket.destroy();
    });
    const answer = await bridge.call();
    expect([answer.status, answer.headers['x-lull-error'], seen]).toEqual([502, 'ActivatorLost', 1]);
    await running;
  });

  it('a client that leaves is told to the activator', async () => {
    const bridge = await start();
    const running = bridge.call({ path: '/?ms=800' });
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_direct_demand{')).toBe(1));
    const gone = new Promise<void>((resolve) => {
      activators.http.removeAllListeners('request').on('request', (req: IncomingMessage) => req.socket.once('close', () => resolve()));
    });
    const arrived = new Promise<void>((resolve) => activators.http.once('request', () => resolve()));
    const socket = connect(bridge.directPort, '127.0.0.1').on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: f.ns\r\n\r\n');
    await arrived;
    socket.destroy();
    await gone;
    await running;
  });

  it('requests of activators wait in turn for slots that direct callers have, and go before new ones of those', async () => {
    const bridge = await start();
    const order: string[] = [];
    const note = (name: string) => (): number => order.push(name);
    const first = bridge.call({ path: '/?ms=300' }).then(note('direct'));
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_direct_demand{')).toBe(1));
    const waiting = ['one', 'two', 'three'].map(async (name, i) => {
      await sleep(i * 20);
      const answer = await bridge.callByActivator({ path: '/?ms=30' });
      expect(answer.status).toBe(200);
      order.push(name);
    });
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_running')).toBe(4));
    expect((await bridge.call()).body).toBe('by an activator');
    await Promise.all([first, ...waiting]);
    expect(order).toEqual(['direct', 'one', 'two', 'three']);
  });

  it('no request waits for longer than it has time, and one whose activator went away gives up its place', async () => {
    const bridge = await start({ env: { LULL_TIMEOUT_SECONDS: '0.5' } });
    const running = bridge.call({ path: '/?ms=2000' });
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_direct_demand{')).toBe(1));
    const socket = connect(bridge.port, '127.0.0.1').on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: f\r\n\r\n');
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_running')).toBe(2));
    socket.destroy();
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_running')).toBe(1));
    // Its own time ends the direct one; then there is room again.
    expect((await running).status).toBe(504);
    expect((await bridge.callByActivator({ path: '/?ms=1' })).status).toBe(200);
  });

  it('tells the activators how many slots direct callers have', async () => {
    const bridge = await start({ concurrency: 3 });
    await Promise.all([0, 1, 2].map(() => bridge.call({ path: '/?ms=400' })));
    await vi.waitFor(() => expect(activators.loads.at(-1)).toBe(0));
    expect(activators.loads).toContain(3);
    // At most every 100 ms: three came and three went, within half a second.
    expect(activators.loads.length).toBeLessThanOrEqual(5);
  });

  it('passes connections of HTTP/2 on as they are', async () => {
    const server = createHttp2Server();
    server.on('stream', (stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end(`h2 ${String(headers[':authority'])}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bridge = await start({ http: `127.0.0.1:${(server.address() as AddressInfo).port}` });
    const session = connectHttp2(`http://127.0.0.1:${bridge.directPort}`);
    const stream = session.request({ ':path': '/', ':authority': 'f.ns' });
    let body = '';
    stream.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    await new Promise((resolve) => stream.on('end', resolve));
    expect(body).toBe('h2 f.ns');
    session.destroy();
    server.close();
  });

  it('once it ends it hands everything on, until no request has come for three seconds', { timeout: 20_000 }, async () => {
    const bridge = await start({ concurrency: 2 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await bridge.call({ agent })).status).toBe(200);
    const running = bridge.call({ path: '/?ms=1500' });
    await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_direct_demand{')).toBe(1));
    bridge.drain();
    await vi.waitFor(() => expect(activators.messages.at(-1)).toEqual({ type: 'draining' }));
    const begun = performance.now();
    let last = 0;
    // One each 200 ms for 4 s, on a connection that was kept and on new ones: kube-proxy has not heard yet.
    for (let i = 0; performance.now() - begun < 4000; i += 1) {
      const answer = await bridge.call(i % 2 === 0 ? { agent } : {});
      expect([answer.status, answer.headers.connection]).toEqual([201, 'close']);
      last = performance.now();
      await sleep(200);
    }
    const finished = await running;
    expect([finished.status, finished.headers.connection]).toEqual([200, 'close']);
    expect(await bridge.ended).toBe(0);
    expect(performance.now() - last).toBeGreaterThan(2900);
    expect(performance.now() - last).toBeLessThan(5000);
    agent.destroy();
  });
});

it('without a direct port nothing is different: full is full', async () => {
  const activators = new Activators();
  await activators.listen();
  const bridge = await Bridge.start({ ...activators.addresses, env: { LULL_DIRECT_PORT: '0' } });
  const running = bridge.callByActivator({ path: '/?ms=300' });
  await vi.waitFor(async () => expect(await bridge.metric('lull_bridge_running')).toBe(1));
  const answer = await bridge.callByActivator();
  expect([answer.status, answer.headers['x-lull-error']]).toEqual([503, 'OverConcurrency']);
  expect((await running).status).toBe(200);
  await expect(bridge.call()).rejects.toThrow(/ECONNREFUSED/);
  bridge.kill();
  activators.close();
});
