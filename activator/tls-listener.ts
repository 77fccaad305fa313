import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';

const WATCH_MILLIS = 5000;

export interface TlsOptions {
  /** Folder with tls.crt and tls.key, as a Secret of type kubernetes.io/tls is mounted. */
  dir: string;
  /** A connection stands; it speaks HTTP/2 when ALPN says so. */
  accept: (socket: TLSSocket, http2: boolean) => void;
  reloaded: (error: unknown) => void;
  /** How often it is looked at whether the certificate was renewed; 5 s when left out. */
  watchMillis?: number;
}

/** The port for HTTPS. A certificate that was renewed is taken over for new connections; one that cannot be read leaves the old one in force. */
export function tlsListener({ dir, accept, reloaded, watchMillis = WATCH_MILLIS }: TlsOptions): Server {
  const read = () => ({ cert: readFileSync(join(dir, 'tls.crt')), key: readFileSync(join(dir, 'tls.key')) });
  const server = createServer(
    {
      ...read(),
      ALPNProtocols: ['h2', 'http/1.1'],
      minVersion: 'TLSv1.2',
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      handshakeTimeout: 10_000,
    },
    (socket) => {
      socket.on('error', () => undefined);
      accept(socket, socket.alpnProtocol === 'h2');
    },
  );
  server.on('tlsClientError', () => undefined);
  const file = join(dir, 'tls.crt');
  // Polled: the kubelet swaps a symbolic link, which a watch of the file does not see.
  watchFile(file, { interval: watchMillis, persistent: false }, () => {
    try {
      server.setSecureContext(read());
      reloaded(undefined);
    } catch (error) {
      reloaded(error);
    }
  });
  server.once('close', () => unwatchFile(file));
  return server;
}
