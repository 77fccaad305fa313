import { connect } from 'node:net';

/** Sends bytes and gathers what comes back until the connection ends, or until `until` says that it is enough. */
export function raw(port: number, bytes: string | Buffer, until: (text: string) => boolean = () => false, millis = 2000): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' });
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(done, millis);
    socket.on('connect', () => socket.write(bytes, 'latin1' as never));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (until(text)) done();
    });
    socket.on('end', done);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
      else done();
    });
  });
}

/** Statuses of the answers in a transcript. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
