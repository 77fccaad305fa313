import { Counter, Gauge, type Registry } from 'prom-client';
import type { Blobs } from './blobs.ts';

/** The store's own figures, lull_store_*. */
export class StoreMetrics {
  readonly #requests: Counter;
  readonly #sent: Counter;
  readonly #received: Counter;

  constructor(registry: Registry, blobs: Blobs) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'lull_store_requests_total',
      help: 'Requests answered.',
      labelNames: ['method', 'code'],
      registers,
    });
    this.#sent = new Counter({ name: 'lull_store_sent_bytes_total', help: 'Bytes of blobs sent.', registers });
    this.#received = new Counter({ name: 'lull_store_received_bytes_total', help: 'Bytes of blobs received.', registers });
    new Gauge({
      name: 'lull_store_blobs',
      help: 'Blobs that are kept.',
      registers,
      collect() {
        this.set(blobs.list().length);
      },
    });
    new Gauge({
      name: 'lull_store_bytes',
      help: 'Bytes of all blobs that are kept.',
      registers,
      collect() {
        this.set(blobs.list().reduce((sum, { bytes }) => sum + bytes, 0));
      },
    });
  }

  answered(method: string, code: number): void {
    this.#requests.inc({ method, code });
  }

  sent(bytes: number): void {
    this.#sent.inc(bytes);
  }

  received(bytes: number): void {
    this.#received.inc(bytes);
  }
}
