import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from './clock.ts';
import type { UndiciTransportOptions } from './undici-transport.ts';

export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The kubelet rotates the token at 80 % of its life (an hour by default) and keeps the old one valid meanwhile; client-go too re-reads once a minute. */
const TOKEN_READ_MILLIS = 60_000;

export interface InClusterOptions {
  /** KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, which every pod is given. */
  host: string;
  port: string | number;
  directory?: string;
  clock?: Clock;
}

/** How a pod reaches its API server, from its service account's mount. Throws when the mount is missing. */
export function inCluster({
  host,
  port,
  directory = SERVICE_ACCOUNT_DIRECTORY,
  clock = systemClock,
}: InClusterOptions): UndiciTransportOptions {
  const file = join(directory, 'token');
  let token = readFileSync(file, 'utf8').trim();
  let readAt = clock.now();
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: readFileSync(join(directory, 'ca.crt'), 'utf8'),
    authorization() {
      if (clock.now() - readAt >= TOKEN_READ_MILLIS) {
        token = readIfThere(file) ?? token;
        readAt = clock.now();
      }
      return `Bearer ${token}`;
    },
  };
}

/** The namespace of the pod, from the same mount. */
export function inClusterNamespace(directory: string = SERVICE_ACCOUNT_DIRECTORY): string {
  return readFileSync(join(directory, 'namespace'), 'utf8').trim();
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
