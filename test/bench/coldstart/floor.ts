import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { KubeTransport } from '../../../common/kube/transport.ts';
import { lullUrl } from '../../support/http.ts';

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

/** The address by which this host is reached from the cluster: the one it uses itself to reach the activator. */
function hostAddress(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.connect(9, lullUrl().hostname, () => {
      resolve(socket.address().address);
      socket.close();
    });
  });
}

/**
 * The cluster's own share of a cold start: the very pod template of a function, scaled from 0 to 1 by hand, until its process runs. The process here is a
 * shell whose first and only act is a connection to this bench (bash is in the image and needs 2 ms).
 */
export class Floor {
  readonly #kube: KubeTransport;
  readonly #namespace: string;
  readonly name = 'floor';
  readonly #server = createServer();

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
    const container = source.spec.template.spec.containers[0] as ContainerLike;
    const { readinessProbe: _r, livenessProbe: _l, ...rest } = container;
    const dial = `exec 3<>/dev/tcp/${await hostAddress()}/${port}; trap 'exit 0' TERM; while :; do sleep 0.2; done`;
    const template = {
      metadata: { labels },
      spec: { ...source.spec.template.spec, containers: [{ ...rest, command: ['/bin/bash', '-c', dial] }] },
    };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: this.name, namespace: this.#namespace, labels },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    };
    await this.#kube.request('POST', `/apis/apps/v1/namespaces/${this.#namespace}/deployments`, { body: deployment });
  }

  /** Milliseconds from the scale patch to the process. */
  async wake(): Promise<number> {
    const runs = new Promise<number>((resolve, reject) => {
      const timeout = setTimeout(() => reject(new Error('the floor pod did not start within 60 s')), 60_000);
      this.#server.once('connection', (socket) => {
        clearTimeout(timeout);
        resolve(performance.now());
        socket.on('error', () => undefined);
      });
    });
    const begun = performance.now();
    await this.#kube.request('PATCH', `/apis/apps/v1/namespaces/${this.#namespace}/deployments/${this.name}/scale`, {
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas: 1 } },
    });
    return (await runs) - begun;
  }

  close(): void {
    this.#server.close();
    this.#server.unref();
  }
}
