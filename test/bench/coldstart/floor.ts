import { createServer, type Socket } from 'node:net';
import type { KubeTransport } from '../../../common/kube/transport.ts';
import { hostAddress } from '../../support/host-address.ts';

interface DeploymentLike {
  metadata: Record<string, unknown>;
  spec: { replicas?: number; selector: unknown; template: { metadata: unknown; spec: { containers: ContainerLike[] } } };
}

interface ContainerLike {
  name: string;
  command?: string[];
  readinessProbe?: unknown;
  livenessProbe?: unknown;
  env?: unknown[];
}

/**
 * The cluster's own share of a cold start: the very pod template of a function, scaled from 0 by hand, until its processes run. A process here is a
 * shell whose first and only act is a connection to this bench (bash is in the image and needs 2 ms).
 */
export class Floor {
  readonly #kube: KubeTransport;
  readonly #namespace: string;
  readonly name = 'floor';
  readonly #server = createServer();
  /** Processes in one pod. */
  #containers = 1;

  constructor(kube: KubeTransport, namespace: string) {
    this.#kube = kube;
    this.#namespace = namespace;
  }

  /** Copies the Deployment of a function's revision under another name, with nothing of Lull's but the template. */
  async create(revision: string): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, resolve));
    const address = this.#server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { body } = await this.#kube.request('GET', `/apis/apps/v1/namespaces/${this.#namespace}/deployments/${revision}`);
    const source = body as DeploymentLike;
    const labels = { app: this.name };
    const dial = `exec 3<>/dev/tcp/${await hostAddress()}/${port}; trap 'exit 0' TERM; while :; do sleep 0.2; done`;
    const containers = source.spec.template.spec.containers.map(({ readinessProbe: _r, livenessProbe: _l, ...rest }) => ({
      ...rest,
      command: ['/bin/bash', '-c', dial],
    }));
    this.#containers = containers.length;
    const template = { metadata: { labels }, spec: { ...source.spec.template.spec, containers } };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: this.name, namespace: this.#namespace, labels },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    };
    await this.#kube.request('POST', `/apis/apps/v1/namespaces/${this.#namespace}/deployments`, { body: deployment });
  }

  /** Milliseconds from the scale patch to the last process of so many pods. */
  async wake(pods = 1): Promise<number> {
    let missing = pods * this.#containers;
    const runs = new Promise<number>((resolve, reject) => {
      const timeout = setTimeout(() => reject(new Error(`${pods} floor pods did not start within 60 s`)), 60_000);
      const arrived = (socket: Socket): void => {
        socket.on('error', () => undefined);
        missing -= 1;
        if (missing > 0) return;
        clearTimeout(timeout);
        this.#server.off('connection', arrived);
        resolve(performance.now());
      };
      this.#server.on('connection', arrived);
    });
    const begun = performance.now();
    await this.#kube.request('PATCH', `/apis/apps/v1/namespaces/${this.#namespace}/deployments/${this.name}/scale`, {
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas: pods } },
    });
    return (await runs) - begun;
  }

  close(): void {
    this.#server.close();
    this.#server.unref();
  }
}
