import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Subscriber } from './subscriber.ts';
import type { Subscription } from './subscription.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** An extension's listener, that answers with these statuses, and then with 200. */
async function listener(statuses: number[] = []): Promise<{ port: number; batches: { host: string | undefined; events: unknown[] }[] }> {
  const batches: { host: string | undefined; events: unknown[] }[] = [];
  server = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk) => {
      text += chunk;
    });
    req.on('end', () => {
      const status = statuses.shift() ?? 200;
      if (status === 200) batches.push({ host: req.headers.host, events: JSON.parse(text) as unknown[] });
      res.writeHead(status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, batches };
}

function subscription(port: number, parts: Partial<Subscription> = {}): Subscription {
  return {
    api: 'telemetry',
    schemaVersion: '2022-12-13',
    types: ['function'],
    destination: { protocol: 'HTTP', method: 'POST', port, host: `sandbox.localdomain:${port}`, path: '/' },
    maxItems: 1000,
    maxBytes: 262_144,
    timeoutMillis: 25,
    ...parts,
  };
}

const line = (text: string) => ({ category: 'function' as const, json: JSON.stringify({ record: text }) });

describe('Subscriber', () => {
  it('sends what came within the time as one batch, and only what was asked for', async () => {
    const { port, batches } = await listener();
    const subscriber = new Subscriber({ id: 'x', subscription: subscription(port), dropped: vi.fn() });
    subscriber.take(line('one'));
    subscriber.take({ category: 'platform', json: '{}' });
    subscriber.take(line('two'));
    await vi.waitFor(() => expect(batches).toHaveLength(1));
    expect(batches[0]).toEqual({ host: `sandbox.localdomain:${port}`, events: [{ record: 'one' }, { record: 'two' }] });
  });

  it.each([
    ['as many items', { maxItems: 2 }],
    ['as many bytes', { maxBytes: 20 }],
  ])('sends at once when there are %s as it takes', async (_, limit) => {
    const { port, batches } = await listener();
    const subscriber = new Subscriber({ id: 'x', subscription: subscription(port, { timeoutMillis: 30_000, ...limit }), dropped: vi.fn() });
    for (const text of ['one', 'two', 'three', 'four']) subscriber.take(line(text));
    await vi.waitFor(() => expect(batches.map(({ events }) => events.length)).toEqual([2, 2]));
  });

  it('tries again, in order, and says so when it gives up', async () => {
    const { port, batches } = await listener([500, 503]);
    const dropped = vi.fn();
    const subscriber = new Subscriber({ id: 'x', subscription: subscription(port, { maxItems: 1 }), dropped });
    subscriber.take(line('one'));
    subscriber.take(line('two'));
    await vi.waitFor(() => expect(batches.map(({ events }) => events)).toEqual([[{ record: 'one' }], [{ record: 'two' }]]));
    expect(dropped).not.toHaveBeenCalled();
    server?.close();
    server?.closeAllConnections();
    subscriber.take(line('three'));
    await vi.waitFor(() => expect(dropped).toHaveBeenCalledOnce(), 5000);
    expect(dropped).toHaveBeenCalledWith(1, 18, expect.stringContaining('could not send events'));
  });

  it('drops what a slow extension has no time for, and says how much', async () => {
    const { port } = await listener();
    const dropped = vi.fn();
    const subscriber = new Subscriber({ id: 'x', subscription: subscription(port, { maxBytes: 1 }), dropped });
    const mebibyte = line('x'.repeat(1 << 20));
    for (let i = 0; i < 10; i++) subscriber.take(mebibyte);
    // All in one turn: nothing was sent yet, and 8 MiB may wait.
    expect(dropped).toHaveBeenCalledTimes(3);
    expect(dropped).toHaveBeenCalledWith(1, (1 << 20) + 13, expect.stringContaining('fallen behind'));
    subscriber.close();
  });

  it('writes a line for each event by TCP', async () => {
    let text = '';
    const tcp = createTcpServer((socket) =>
      socket.on('data', (chunk) => {
        text += chunk;
      }),
    );
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const port = (tcp.address() as AddressInfo).port;
    const subscriber = new Subscriber({
      id: 'x',
      subscription: subscription(port, { destination: { protocol: 'TCP', port } }),
      dropped: vi.fn(),
    });
    subscriber.take(line('one'));
    subscriber.take(line('two'));
    await vi.waitFor(() => expect(text).toBe('{"record":"one"}\n{"record":"two"}\n'));
    tcp.close();
  });

  it('says when all is delivered', async () => {
    const { port, batches } = await listener();
    const subscriber = new Subscriber({ id: 'x', subscription: subscription(port, { timeoutMillis: 30_000 }), dropped: vi.fn() });
    subscriber.take(line('one'));
    await new Promise<void>((resolve) => subscriber.flush(resolve));
    expect(batches).toHaveLength(1);
    await new Promise<void>((resolve) => subscriber.flush(resolve));
  });
});
