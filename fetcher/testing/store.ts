import { rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { Registry } from 'prom-client';
import { Blobs } from '../../store/blobs.ts';
import { StoreMetrics } from '../../store/metrics.ts';
import { storeServer } from '../../store/server.ts';
import { listen } from './listen.ts';

export const STORE_KEY = 'a key';

/** Lull's own store, with a folder of its own. */
export class TestStore {
  readonly #folder: string;
  readonly #server: Server;
  readonly address: string;
  readonly blobs: Blobs;

  private constructor(folder: string, server: Server, address: string, blobs: Blobs) {
    this.#folder = folder;
    this.#server = server;
    this.address = address;
    this.blobs = blobs;
  }

  static async start(folder: string, maxBytes = 50_000_000): Promise<TestStore> {
    const blobs = await Blobs.open(folder, maxBytes);
    const metrics = new StoreMetrics(new Registry(), blobs);
    const server = storeServer({ blobs, key: STORE_KEY, metrics, onError: () => undefined });
    return new TestStore(folder, server, await listen(server), blobs);
  }

  /** How many are open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }
}
