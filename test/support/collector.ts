import { createSocket } from 'node:dgram';
import { getJson } from './kubectl.ts';

/** Counts, outside of the cluster's pods, how often each request was executed. */
export class Collector {
  readonly executions = new Map<string, number>();
  readonly #socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 22 });

  /** Listens; returns HOST:PORT as pods reach it: a datagram with a request's id for each execution. */
  async listen(): Promise<string> {
    this.#socket.on('message', (id) => this.executions.set(id.toString(), (this.executions.get(id.toString()) ?? 0) + 1));
    await new Promise<void>((resolve) => this.#socket.bind(0, '0.0.0.0', resolve));
    const { items } = await getJson<{ items: { status: { addresses: { type: string; address: string }[] } }[] }>(['nodes']);
    const node = items[0]?.status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? '';
    return `${await addressTowards(node)}:${this.#socket.address().port}`;
  }

  close(): void {
    this.#socket.close();
  }
}

/** The address of this machine that the node sees. */
async function addressTowards(host: string): Promise<string> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.connect(9, host, resolve));
  const { address } = socket.address();
  socket.close();
  return address;
}
