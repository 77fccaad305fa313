import { createServer, type Server } from 'node:http';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import { isRawEvent, RawExchange } from './raw-exchange.ts';

/** Of both ports: as much head as the activator takes; a client that is slow with it is let go. */
export const LIMITS = { headersTimeout: 20_000, maxHeaderSize: 81_920, noDelay: true } as const;

/** The pod's port for activators: an HTTP request becomes an event, what the handler returns becomes the response; or it is an event already. */
export function requestServer(options: ExchangeOptions): Server {
  // The activator closes idle connections itself, within 30 s: a timer here would be set and cleared for each request, a tenth of what the bridge does for one. A peer that
  // vanished is found by TCP.
  const idle = { keepAliveTimeout: 0, keepAlive: true, keepAliveInitialDelay: 75_000 };
  return createServer({ ...LIMITS, ...idle, requestTimeout: 0 }, (req, res) =>
    (isRawEvent(req) ? new RawExchange(req, res, options) : new Exchange(req, res, options)).begin(),
  );
}
