import type { Clock } from '../clock.ts';
import type { ByteBudget } from '../hold/byte-budget.ts';
import type { Exchange } from './exchange.ts';

/** What every exchange shares. */
export interface ExchangeContext {
  clock: Clock;
  /** Exchanges that are held or running, for deadlines and for draining. */
  open: Set<Exchange>;
  /** For how long a request may wait for a pod. */
  holdMillis: number;
  /** Bodies kept in memory, of all functions together. */
  keptBytes: ByteBudget;
  /** Whether what this client says of where a request came from is believed. */
  isTrusted(address: string): boolean;
  /** The exchange has begun; undefined when requests are not traced. */
  begun?: ((exchange: Exchange) => void) | undefined;
  /** The exchange has ended, well or not: account for it. */
  finished(exchange: Exchange): void;
}
