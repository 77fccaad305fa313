import { connect } from 'node:net';

/** Tried quickly while a server boots, then less often: 5 ms for the first second, 50 ms for ten, then 250 ms. */
function interval(elapsedMillis: number): number {
  if (elapsedMillis < 1000) return 5;
  return elapsedMillis < 10_000 ? 50 : 250;
}

/**
 * Calls `onListening` once a connection to the address is accepted: somebody else's server does not say when it listens, so it is tried (PEERS.md: 0.38 s to
 * the first answer). Ends when the signal aborts.
 */
export function whenListening(host: string, port: number, signal: AbortSignal, onListening: () => void): void {
  const begun = performance.now();
  const attempt = (): void => {
    if (signal.aborted) return;
    const socket = connect({ host, port, timeout: 1000 });
    const again = (): void => {
      socket.destroy();
      setTimeout(attempt, interval(performance.now() - begun)).unref();
    };
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      socket.on('error', () => undefined);
      socket.destroy();
      if (!signal.aborted) onListening();
    });
    socket.once('timeout', again);
    socket.once('error', again);
  };
  attempt();
}
