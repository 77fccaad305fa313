import type { AddressInfo, Server } from 'node:net';

/** HOST:PORT once the server listens. */
export async function listen(server: Pick<Server, 'listen' | 'address'>, host = '127.0.0.1'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return `${host}:${(server.address() as AddressInfo).port}`;
}
