import type { DemandMessage } from '../../../common/api/demand.ts';
import type { Live } from '../observation.ts';
import { DemandLink } from './demand-link.ts';
import { DemandHistory } from './history.ts';

export interface LiveDemandOptions {
  token: string;
  /** Monotonic, in milliseconds. */
  now: () => number;
  /** Requests of the function are held: somebody waits. */
  onHeld: (key: string) => void;
  /** Everything that an activator says, for others than the autoscaler; `undefined` when its connection is gone. */
  onMessage?: (activator: string, message: DemandMessage | undefined) => void;
}

/** Demand as the activators tell it themselves, a connection to each. Partial when one cannot be reached: it may raise, and lowers nothing. */
export class LiveDemand {
  readonly #options: LiveDemandOptions;
  readonly #activators = new Map<string, { link: DemandLink; functions: Map<string, DemandHistory> }>();

  constructor(options: LiveDemandOptions) {
    this.#options = options;
  }

  /** Activators that tell of their demand now. */
  get links(): number {
    let up = 0;
    for (const { link } of this.#activators.values()) if (link.up) up += 1;
    return up;
  }

  /** Takes over the control ports' addresses that the endpoints show. */
  meet(addresses: readonly string[]): void {
    for (const [address, { link }] of this.#activators) {
      if (addresses.includes(address)) continue;
      this.#activators.delete(address);
      link.close();
    }
    for (const address of addresses) if (!this.#activators.has(address)) this.#dial(address);
  }

  get addresses(): string[] {
    return [...this.#activators.keys()];
  }

  /** One function's demand over all activators; undefined when none of them can be heard. */
  of(key: string): Live | undefined {
    if (this.links === 0) return undefined;
    const now = this.#options.now();
    const sum: Live = { held: 0, running: 0, mean: 0 };
    for (const { functions } of this.#activators.values()) {
      const history = functions.get(key);
      if (!history) continue;
      sum.held += history.held;
      sum.running += history.running;
      sum.mean += history.mean(now);
    }
    return sum;
  }

  close(): void {
    this.meet([]);
  }

  #dial(address: string): void {
    const functions = new Map<string, DemandHistory>();
    const link = new DemandLink({
      address,
      token: this.#options.token,
      onMessage: (message) => {
        this.#take(functions, message);
        this.#options.onMessage?.(address, message);
      },
      onDown: () => {
        functions.clear();
        this.#options.onMessage?.(address, undefined);
      },
    });
    this.#activators.set(address, { link, functions });
  }

  #take(functions: Map<string, DemandHistory>, { at, functions: told }: DemandMessage): void {
    const now = this.#options.now();
    for (const [key, [held, running, seconds]] of Object.entries(told)) {
      let history = functions.get(key);
      if (!history) {
        history = new DemandHistory();
        functions.set(key, history);
      }
      history.add({ at, now, held, running, seconds });
      if (held > 0) this.#options.onHeld(key);
    }
    for (const [key, history] of functions) if (history.isOver(now)) functions.delete(key);
  }
}
