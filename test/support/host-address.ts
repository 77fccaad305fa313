import { createSocket } from 'node:dgram';
import { lullUrl } from './http.ts';

/** The address by which this host is reached from the cluster: the one it uses itself to reach the activator. */
export function hostAddress(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.connect(9, lullUrl().hostname, () => {
      resolve(socket.address().address);
      socket.close();
    });
  });
}
