import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Reflector } from '../../common/kube/reflector.ts';
import { type ChangeKind, type KubeObject, Store } from '../../common/kube/store.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { until } from '../support/wait.ts';
import { ApiServer, apiServerBinary } from './apiserver.ts';

const PATH = '/api/v1/namespaces/default/configmaps';
interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

const binary = apiServerBinary();
if (!binary) console.log('not run here: the reflector against a real API server, whose binary is not in the cache (make up builds it)');

describe.skipIf(!binary)('a reflector on a real API server', () => {
  const server = new ApiServer(binary ?? '');
  let admin: KubeTransport;
  const stops: (() => void | Promise<void>)[] = [];

  beforeAll(async () => {
    await server.start();
    admin = server.transport();
  }, 90_000);
  afterAll(async () => {
    await admin.close();
    await server.stop();
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  const put = (name: string, value: string) =>
    admin.request('POST', PATH, { body: { metadata: { name, labels: { t: 'r' } }, data: { value } } });
  const change = (name: string, value: string) =>
    admin.request('PATCH', `${PATH}/${name}`, { body: { data: { value } }, contentType: 'application/merge-patch+json' });
  const remove = (name: string) => admin.request('DELETE', `${PATH}/${name}`);

  it('asks for metadata only, and keeps of it what it is told to', async () => {
    await put('metadata', '1');
    const store = new Store<ConfigMap>();
    const seen: ConfigMap[] = [];
    const transport = server.transport();
    const keep = (object: ConfigMap): ConfigMap => {
      seen.push(object);
      return { metadata: { name: object.metadata.name } };
    };
    const reflector = new Reflector({ transport, path: PATH, labelSelector: 't=r', store, metadataOnly: true, keep }).start();
    stops.push(async () => {
      reflector.stop();
      await transport.close();
    });
    await reflector.whenSynced;
    await change('metadata', '2');
    await until('the change', async () => seen.length >= 2);
    expect(seen.map(({ kind, data }) => [kind ?? 'PartialObjectMetadata', data])).toEqual(
      seen.map(() => ['PartialObjectMetadata', undefined]),
    );
    expect(store.list()).toEqual([{ metadata: { name: 'metadata' } }]);
    await remove('metadata');
  });

  function reflect(url = server.url, silenceMillis?: number) {
    const store = new Store<ConfigMap>();
    const changes: [ChangeKind, string][] = [];
    const failures: unknown[] = [];
    let lists = 0;
    store.onChange((kind, object) => changes.push([kind, object.metadata.name]));
    const transport = server.transport(url);
    const observer = {
      failed: (error: unknown) => void failures.push(error),
      listed: () => {
        lists += 1;
      },
    };
    const reflector = new Reflector({
      transport,
      path: PATH,
      labelSelector: 't=r',
      store,
      observer,
      ...(silenceMillis !== undefined && { silenceMillis }),
    }).start();
    stops.push(async () => {
      reflector.stop();
      await transport.close();
    });
    return { store, changes, failures, reflector, lists: () => lists };
  }

  /** A way to the API server that can be cut, and whose connections can be reset. */
  async function proxy() {
    const sockets = new Set<Socket>();
    let isCut = false;
    const reset = (): void => {
      for (const socket of sockets) socket.resetAndDestroy();
    };
    const listener = createServer((near) => {
      if (isCut) {
        near.destroy();
        return;
      }
      const far = connect(server.port, '127.0.0.1');
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    stops.push(() => {
      reset();
      listener.close();
    });
    const cut = (yes: boolean): void => {
      isCut = yes;
      if (yes) reset();
    };
    return { url: `https://127.0.0.1:${(listener.address() as AddressInfo).port}`, reset, cut };
  }

  /** The truth, and what the store holds, as name=value. */
  const truth = async () =>
    ((await admin.request('GET', `${PATH}?labelSelector=t%3Dr`)).body as { items: ConfigMap[] }).items
      .map(({ metadata, data }) => `${metadata.name}=${data?.['value']}`)
      .sort();
  const held = (store: Store<ConfigMap>) =>
    store
      .list()
      .map(({ metadata, data }) => `${metadata.name}=${data?.['value']}`)
      .sort();
  const converges = (store: Store<ConfigMap>, timeout = 30_000) =>
    until(
      'the store to be as the cluster is',
      async () => {
        const now = await truth();
        return JSON.stringify(now) === JSON.stringify(held(store));
      },
      timeout,
    );

  it('lists, then hears of what is added, changed and deleted', async () => {
    await put('a', '1');
    const { store, changes, reflector } = reflect();
    await reflector.whenSynced;
    expect(held(store)).toEqual(['a=1']);
    await put('b', '1');
    await change('a', '2');
    await remove('b');
    await until('three changes', async () => changes.length >= 4);
    expect(changes).toEqual([
      ['added', 'a'],
      ['added', 'b'],
      ['updated', 'a'],
      ['deleted', 'b'],
    ]);
    await remove('a');
    await converges(store);
  });

  it('goes on after the API server was away, and notices what it missed meanwhile', { timeout: 120_000 }, async () => {
    await put('kept', '1');
    await put('gone', '1');
    const { store, failures, reflector } = reflect();
    await reflector.whenSynced;
    await server.halt();
    await until('a failure', async () => failures.length > 2);
    // Never a hot loop: 0.1, 0.2, 0.4 … s.
    expect(failures.length).toBeLessThan(10);
    await server.resume();
    await remove('gone');
    await change('kept', '2');
    await converges(store);
    expect(held(store)).toEqual(['kept=2']);
    await remove('kept');
    await converges(store);
  });

  it('lists anew when its resourceVersion is too old (410)', { timeout: 120_000 }, async () => {
    await put('c', '1');
    const between = await proxy();
    const { store, reflector, lists } = reflect(between.url);
    await reflector.whenSynced;
    between.cut(true);
    for (let i = 0; i < 20; i += 1) await change('c', String(i));
    server.compact();
    await server.halt();
    await server.resume();
    between.cut(false);
    await converges(store);
    expect(lists()).toBe(2);
    await remove('c');
    await converges(store);
  });

  it('takes silence for a dead connection and comes back', { timeout: 60_000 }, async () => {
    await put('d', '1');
    const { store, reflector } = reflect(server.url, 1000);
    await reflector.whenSynced;
    server.freeze();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    server.thaw();
    await change('d', '2');
    await converges(store);
    await remove('d');
    await converges(store);
  });

  it('converges although its connections are reset again and again while objects change', { timeout: 120_000 }, async () => {
    const between = await proxy();
    const { store, reflector } = reflect(between.url);
    await reflector.whenSynced;
    for (let round = 0; round < 15; round += 1) {
      await put(`x${round}`, '0');
      await change(`x${round}`, '1');
      if (round % 2) await remove(`x${round - 1}`);
      between.reset();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await converges(store);
    expect(store.size).toBe(8);
    for (const name of store.list().map(({ metadata }) => metadata.name)) await remove(name);
    await converges(store);
  });
});
