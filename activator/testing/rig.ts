import { type ClientRequest, createServer, type RequestListener, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LullFunction } from '../../common/api/function.ts';
import { announceToken, codeDigest } from '../../common/api/token.ts';
import { callAt } from '../../test/support/http.ts';
import { monotonic } from '../clock.ts';
import { DataPlane, type DataPlaneOptions } from '../data-plane.ts';
import type { ListenerLimits } from '../request-listener.ts';

export const KEY = 'test key';
export const LIMITS: ListenerLimits = {
  headBytes: 65_536,
  requestLineBytes: 16_384,
  fields: 200,
  bodyBytes: 0,
  idleMillis: 75_000,
  headMillis: 20_000,
  stallMillis: 60_000,
  connectionsPerAddress: 0,
};
export const files = { 'a.py': 'x = 1' };

export function fnObject(name: string, spec: Partial<LullFunction['spec']> = {}): LullFunction {
  return {
    apiVersion: 'lull.dev/v1alpha1',
    kind: 'Function',
    metadata: { name, namespace: 'ns', uid: 'u' },
    spec: { runtime: 'python', handler: 'a.b', code: { inline: files }, ...spec },
    status: { activeRevision: `${name}-1` },
  };
}

/** The data plane with real sockets, and pods that are plain servers which announce themselves as the bridge does. */
export class Rig {
  readonly scaled: [string, string, number][] = [];
  scale: () => Promise<boolean> = async () => true;
  readonly plane: DataPlane;
  readonly #servers: Server[] = [];
  readonly #announcements: ClientRequest[] = [];

  constructor(holdMillis = 5000, holdRequests = 1000, over: Partial<DataPlaneOptions> = {}) {
    this.plane = new DataPlane({
      clock: monotonic,
      names: { domain: 'lull.localhost', clusterDomain: 'cluster.local' },
      announceKey: KEY,
      hold: { millis: holdMillis, requests: holdRequests, totalRequests: 10_000, bytes: 1 << 20, totalBytes: 1 << 24 },
      limits: LIMITS,
      trustedProxies: [],
      self: 'activator-1',
      address: '127.0.0.1:1',
      peers: () => ['10.0.0.9:8081'],
      scaleFromZero: (namespace, deployment, replicas) => {
        this.scaled.push([namespace, deployment, replicas]);
        return this.scale();
      },
      startsAtOnce: () => 100,
      olderCode: async () => undefined,
      synced: () => true,
      onFunctionAdded: () => undefined,
      onWakeError: () => undefined,
      ...over,
    });
  }

  async listen(): Promise<void> {
    for (const server of [this.plane.requests.server, this.plane.announcements.server])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }

  add(object: LullFunction, replicas = 0): void {
    this.plane.table.functionChanged(object);
    this.deployment(object.metadata.name, replicas);
  }

  deployment(name: string, replicas: number): void {
    this.plane.table.deploymentChanged(
      {
        metadata: { name: `${name}-1`, namespace: 'ns', labels: { 'lull.dev/function': name, 'lull.dev/revision': `${name}-1` } },
        spec: { replicas },
      },
      false,
    );
  }

  get controlAddress(): string {
    return `127.0.0.1:${(this.plane.announcements.server.address() as AddressInfo).port}`;
  }

  /** Ends without a word: every connection is cut. */
  crash(): void {
    this.plane.requests.cut();
    this.plane.announcements.server.closeAllConnections();
    this.close();
  }

  get port(): number {
    return (this.plane.requests.server.address() as AddressInfo).port;
  }

  call(name: string, options: Parameters<typeof callAt>[2] = {}) {
    return callAt('127.0.0.1', this.port, { ...options, headers: { host: `${name}.ns`, ...options.headers } });
  }

  /** Starts a server, and announces it unless told otherwise. */
  async pod(
    fn: string,
    listener: RequestListener,
    name = 'pod-1',
  ): Promise<{ port: number; lines: string[]; say: (message: object) => void; end: () => void }> {
    const server = createServer(listener);
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { port, ...(await this.announce(fn, port, name)) };
  }

  announce(fn: string, port: number, pod: string, over: Record<string, unknown> = {}, token?: string) {
    const lines: string[] = [];
    const req = request({
      host: '127.0.0.1',
      port: (this.plane.announcements.server.address() as AddressInfo).port,
      method: 'POST',
      path: '/v1/announce',
      headers: {
        authorization: `Bearer ${token ?? announceToken(KEY, { namespace: 'ns', function: fn, revision: `${fn}-1` })}`,
        'transfer-encoding': 'chunked',
      },
    });
    this.#announcements.push(req);
    const say = (message: object): void => void req.write(`${JSON.stringify(message)}\n`);
    say({
      type: 'announce',
      namespace: 'ns',
      function: fn,
      revision: `${fn}-1`,
      pod,
      ip: '127.0.0.1',
      port,
      protocol: 'lambda',
      uptimeMillis: 30,
      needsCode: codeDigest(files),
      ...over,
    });
    return new Promise<{ status: number; lines: string[]; say: (message: object) => void; end: () => void }>((resolve, reject) => {
      req.on('error', (error) => reject(error));
      req.on('response', (res) => {
        res.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n').filter(Boolean)));
        res.on('error', () => undefined);
        resolve({ status: res.statusCode ?? 0, lines, say, end: () => req.destroy() });
      });
    });
  }

  close(): void {
    for (const req of this.#announcements) req.on('error', () => undefined).destroy();
    for (const server of this.#servers) server.close().closeAllConnections();
    this.plane.close();
    this.plane.announcements.server.closeAllConnections();
  }
}
