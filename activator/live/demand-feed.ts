import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DemandMessage, demandToken, type Loads } from '../../common/api/demand.ts';
import type { Clock } from '../clock.ts';
import type { FunctionState } from '../function-state.ts';
import type { FunctionTable } from '../function-table.ts';
import type { Claimer } from '../warm/claimer.ts';

/** Of so many ticks one tells of every function that has requests; the others tell of shortages only. */
const TICKS_A_SECOND = 10;
/** An autoscaler that does not read is cut off, and comes again: what waits for it would only be old. */
const MAX_WAITING_BYTES = 1 << 20;

export interface DemandFeedOptions {
  table: () => FunctionTable;
  key: string;
  clock: Clock;
  warm: Claimer;
}

/** Tells the autoscaler of demand as it is now (common/api/demand.ts): a burst must not wait for Prometheus. */
export class DemandFeed {
  readonly #options: DemandFeedOptions;
  readonly #token: string;
  readonly #listeners = new Set<ServerResponse>();
  readonly #told = new WeakMap<FunctionState, { held: number; demand: number; seconds: number }>();
  #ticks = 0;

  constructor(options: DemandFeedOptions) {
    this.#options = options;
    this.#token = `Bearer ${demandToken(options.key)}`;
  }

  /** Takes `GET /v1/demand` and `GET /v1/loads/NAMESPACE/NAME`; false when the request is for neither. */
  accept(req: IncomingMessage, res: ServerResponse): boolean {
    const url = req.url ?? '';
    if (req.method !== 'GET' || !(url === '/v1/demand' || url.startsWith('/v1/loads/'))) return false;
    if (req.headers.authorization !== this.#token) {
      res.writeHead(401, { connection: 'close' }).end();
      return true;
    }
    if (url === '/v1/demand') this.#listen(res);
    else {
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify(this.#loads(url.slice('/v1/loads/'.length))));
    }
    return true;
  }

  /** Called every 100 ms. */
  tick(): void {
    this.#ticks += 1;
    if (this.#listeners.size === 0) return;
    this.#tell(this.#listeners, (fn) => this.#isNews(fn, this.#ticks % TICKS_A_SECOND === 0));
  }

  close(): void {
    for (const res of this.#listeners) res.end();
  }

  #listen(res: ServerResponse): void {
    res.writeHead(200, { 'content-type': 'application/x-ndjson' });
    this.#listeners.add(res);
    res.on('close', () => this.#listeners.delete(res));
    this.#tell([res], (fn) => fn.demand.now > 0);
  }

  #isNews(fn: FunctionState, everySecond: boolean): boolean {
    const told = this.#told.get(fn);
    const held = fn.queue.length;
    if (everySecond) return fn.demand.seconds() !== (told?.seconds ?? 0);
    // Again as long as there are any: who heard of it may have been at something else, and must not wait a second to hear it again.
    return held > 0 || (told?.held ?? 0) > 0;
  }

  /** An empty message once a second, too: it shows that the connection stands. */
  #tell(listeners: Iterable<ServerResponse>, isNews: (fn: FunctionState) => boolean): void {
    const message: DemandMessage = { type: 'demand', at: this.#options.clock(), functions: {} };
    let news = this.#ticks % TICKS_A_SECOND === 0 || this.#options.warm.hasNews;
    if (news) {
      this.#options.warm.hasNews = false;
      const claimed = this.#options.warm.claimedPods();
      const pools = this.#options.warm.uses();
      Object.assign(message, claimed && { claimed }, pools && { pools });
    }
    for (const fn of this.#options.table().values()) {
      if (!isNews(fn)) continue;
      news = true;
      const held = fn.queue.length;
      const seconds = fn.demand.seconds();
      message.functions[fn.key] = [held, fn.demand.now - held, seconds];
      this.#told.set(fn, { held, demand: fn.demand.now, seconds });
    }
    if (!news) return;
    const line = `${JSON.stringify(message)}\n`;
    for (const res of listeners) {
      if (res.writableLength > MAX_WAITING_BYTES) res.destroy();
      else res.write(line);
    }
  }

  #loads(key: string): Loads {
    const loads: Loads = { pods: {} };
    // Direct callers' requests are counted by each activator: such pods seem busier than they are, and go later.
    for (const pod of this.#options.table().get(decodeURIComponent(key))?.pods.values() ?? [])
      loads.pods[pod.name] = pod.running + pod.direct;
    return loads;
  }
}
