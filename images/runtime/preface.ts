import { connect, createServer, type Server, type Socket } from 'node:net';

/** What a connection of HTTP/2 without TLS begins with (RFC 9113, 3.4), and no method of HTTP/1. */
const PREFACE = 'PRI ';
/** A connection on which nothing comes is not kept for longer. */
const SILENT_MILLIS = 20_000;

export interface PrefaceOptions {
  /** Takes the connections that speak HTTP/1. */
  onHttp1: (socket: Socket) => void;
  /** HOST:PORT that takes those that speak HTTP/2. */
  host: string;
  port: number;
  /** Bytes of such a connection came. */
  onTraffic: () => void;
}

/**
 * Tells connections of HTTP/2 from others by their first bytes. The bridge speaks HTTP/1 only; the activators, to which the same address led a moment ago, speak
 * both, so what is HTTP/2 goes on to them as it is.
 */
export function prefaceServer(options: PrefaceOptions): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    // Until somebody else listens: a client that goes away at once must not end the process.
    const ignore = (): void => undefined;
    const leave = (): void => void socket.destroy();
    let begun = '';
    const look = (): void => {
      for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) begun += chunk.toString('latin1');
      if (begun.length < PREFACE.length && PREFACE.startsWith(begun)) return;
      socket.setTimeout(0);
      socket.off('readable', look).off('end', leave).off('timeout', leave);
      socket.unshift(Buffer.from(begun, 'latin1'));
      if (begun.startsWith(PREFACE)) splice(socket, options);
      else {
        socket.off('error', ignore);
        options.onHttp1(socket);
      }
    };
    socket.setTimeout(SILENT_MILLIS);
    socket.on('error', ignore).on('end', leave).on('timeout', leave).on('readable', look);
  });
}

function splice(client: Socket, { host, port, onTraffic }: PrefaceOptions): void {
  const up = connect({ host, port, noDelay: true });
  up.on('error', () => client.destroy());
  client.on('close', () => up.destroy());
  up.on('close', () => client.destroy());
  client.on('data', onTraffic);
  up.on('data', onTraffic);
  client.pipe(up);
  up.pipe(client);
}
