import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Registry } from 'prom-client';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { Caches } from '../../operator/caches.ts';
import { CodeKeeper } from '../../operator/code/code-keeper.ts';
import { CodeMetrics } from '../../operator/code/metrics.ts';
import { StoreClient } from '../../operator/code/store-client.ts';
import { SETTINGS } from '../../operator/code/testing.ts';
import { FunctionController } from '../../operator/function/controller.ts';
import { Controller, ControllerMetrics } from '../../operator/kube/controller.ts';
import { EventRecorder } from '../../operator/kube/events.ts';
import { Writer } from '../../operator/writer.ts';
import { Blobs } from '../../store/blobs.ts';
import { StoreMetrics } from '../../store/metrics.ts';
import { storeServer } from '../../store/server.ts';

/** The operator's part that has to do with code, on a real API server and a real store. There is no kubelet: the test writes what Jobs' pods say at their end. */
export class CodePart {
  readonly #folder: string;
  readonly #server: Server;
  readonly #caches: Caches;
  readonly #controller: Controller;
  readonly keeper: CodeKeeper;
  readonly store: StoreClient;
  /** Unix milliseconds, as collecting garbage sees them. */
  now = Date.now();

  static async start(kube: KubeTransport): Promise<CodePart> {
    const folder = mkdtempSync(path.join(tmpdir(), 'lull-store-'));
    const blobs = await Blobs.open(folder, 300_000_000);
    const server = storeServer({
      blobs,
      key: SETTINGS.announceKey,
      metrics: new StoreMetrics(new Registry(), blobs),
      onError: () => undefined,
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const part = new CodePart(kube, server, folder);
    await part.#caches.start();
    part.#controller.start();
    return part;
  }

  private constructor(kube: KubeTransport, server: Server, folder: string) {
    this.#folder = folder;
    this.#server = server;
    this.store = new StoreClient({ address: `127.0.0.1:${(server.address() as AddressInfo).port}`, key: SETTINGS.announceKey });
    const writer = new Writer(
      kube,
      new EventRecorder({ transport: kube, controller: 'test', instance: 'test', now: () => new Date(), onError: () => undefined }),
    );
    const add = (key: string): void => this.#controller.queue.add(key);
    this.#caches = new Caches({
      transport: kube,
      observer: { failed: (error) => console.error('watch failed', error) },
      namespace: 'lull-system',
      controlService: 'lull-activator-control',
      onFunction: add,
      onOwned: add,
      onScaled: () => undefined,
      onSlice: () => undefined,
      onActivators: () => undefined,
      onPool: () => undefined,
      onPoolOwned: () => undefined,
    });
    this.keeper = new CodeKeeper({
      read: this.#caches,
      write: writer,
      store: this.store,
      settings: SETTINGS,
      again: (key, afterMillis) => this.#controller.queue.addAfter(key, afterMillis),
      metrics: new CodeMetrics(new Registry()),
      onError: () => undefined,
      now: () => this.now,
    });
    const functions = new FunctionController({
      read: this.#caches,
      write: writer,
      settings: SETTINGS,
      prepareService: async () => undefined,
      prepareCode: (fn, runtime) => this.keeper.ensure(fn, runtime),
      now: () => new Date(),
    });
    this.#controller = new Controller({
      name: 'function',
      reconcile: (key) => functions.reconcile(key),
      onError: () => undefined,
      metrics: new ControllerMetrics(new Registry()),
    });
  }

  async stop(): Promise<void> {
    this.#controller.stop();
    this.#caches.stop();
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
