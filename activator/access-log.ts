import type { Logger } from 'pino';
import type { Exchange } from './forward/exchange.ts';

/** One structured line for a request that has ended, of a fraction of all; errors of the activator's own are always among them. */
export function accessLog(log: Logger, fraction: number, clock: () => number): ((exchange: Exchange) => void) | undefined {
  if (fraction <= 0) return undefined;
  let owed = 0;
  return (exchange) => {
    // Every n-th instead of by chance: the same fraction without a random number a request.
    owed += fraction;
    if (owed < 1 && exchange.errorCode === undefined) return;
    if (owed >= 1) owed -= 1;
    const { fn, request, route, client, pod } = exchange;
    const millis = (from: number, to: number): number | undefined =>
      Number.isNaN(to - from) ? undefined : Math.round((to - from) * 100) / 100;
    log.info(
      {
        function: fn.key,
        method: request.method,
        path: route.target,
        status: exchange.status,
        error: exchange.errorCode,
        client: client.address,
        requestId: exchange.requestId,
        traceparent: request.traceparent,
        pod: pod?.name,
        heldMillis: exchange.held ? millis(exchange.arrived, exchange.started) : undefined,
        firstByteMillis: millis(exchange.arrived, exchange.firstByte),
        millis: millis(exchange.arrived, clock()),
        bytesIn: exchange.bytesIn,
        bytesOut: exchange.bytesOut,
      },
      'request',
    );
  };
}
