import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { AccessKey } from '../../common/lambda-api/access-key.ts';
import { Authentication } from '../../common/lambda-api/authentication.ts';
import { type Credentials, signed } from '../../common/lambda-api/testing/signed.ts';
import { ApiServer } from '../../test/integration/apiserver.ts';
import { type Answer, callAt } from '../../test/support/http.ts';
import { until } from '../../test/support/wait.ts';
import { callServer } from '../call-server.ts';
import { KubeFunctions } from '../kube-functions.ts';
import { StoreClient } from '../store-client.ts';
import { Uploads } from '../upload.ts';

/** Keys of the tests': for all that there is, and for reading some. */
export const ALL: Credentials = { id: 'ALLKEY', secret: 'a secret of the key that may do all' };
export const READER: Credentials = { id: 'READER', secret: 'a secret of the key that may read' };
const KEY = 'the installation’s key';
const ROOT = join(import.meta.dirname, '../..');

export interface Call {
  credentials?: Credentials;
  body?: string | Buffer | object;
  headers?: Record<string, string>;
}

/** The manager's server on a real API server with the CRDs, and with a real store. */
export class ManagerRig {
  readonly dir = mkdtempSync(join(tmpdir(), 'lull-manager-'));
  readonly errors: unknown[] = [];
  readonly #api: ApiServer;
  transport!: KubeTransport;
  #server!: Server;
  #store: ChildProcess | undefined;
  #storePort = 0;

  constructor(apiServer: string) {
    this.#api = new ApiServer(apiServer);
  }

  async start(uploads = 2): Promise<void> {
    await this.#api.start();
    this.transport = this.#api.transport();
    for (const kind of ['functions', 'runtimes']) {
      const crd = parse(readFileSync(join(ROOT, `crds/${kind}.lull.dev.yaml`), 'utf8')) as object;
      await this.transport.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: crd });
      await until(
        `the CRD of ${kind} is served`,
        async () => (await this.transport.request('GET', `/apis/lull.dev/v1alpha1/${kind}`)).status === 200,
      );
    }
    for (const [name, memory] of [
      ['python3.11', '512Mi'],
      ['provided', undefined],
    ]) {
      const spec = { image: 'x', command: ['x'], ...(memory && { resources: { limits: { memory } } }) };
      await this.transport.request('POST', '/apis/lull.dev/v1alpha1/runtimes', {
        body: { apiVersion: 'lull.dev/v1alpha1', kind: 'Runtime', metadata: { name }, spec },
      });
    }
    for (const name of ['shop', 'bank'])
      await this.transport.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } });
    const keys = new Map([
      key(ALL, "namespaces: [shop, bank, nowhere]\nactions: ['lambda:*']"),
      key(READER, "namespaces: [shop]\nfunctions: ['r-*']\nactions: ['lambda:Get*', 'lambda:List*']"),
    ]);
    this.#storePort = await freePort();
    await this.startStore();
    this.#server = callServer({
      authentication: new Authentication(keys, Date.now, () => undefined),
      functions: new KubeFunctions(this.transport, undefined),
      store: new StoreClient(`127.0.0.1:${this.#storePort}`, KEY),
      uploads: new Uploads(this.dir, uploads),
      s3: { credentialsSecret: 's3-credentials', endpoint: 'http://minio:9000', region: undefined, forcePathStyle: true },
      answered: () => undefined,
      failed: (error) => this.errors.push(error),
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** A process of its own, as on a cluster. */
  async startStore(): Promise<void> {
    const keyFile = join(this.dir, 'key');
    writeFileSync(keyFile, KEY);
    this.#store = spawn(process.execPath, [join(ROOT, 'store/main.ts')], {
      stdio: 'ignore',
      env: {
        LULL_ANNOUNCE_KEY_FILE: keyFile,
        LULL_STORE_DIR: join(this.dir, 'blobs'),
        LULL_STORE_PORT: String(this.#storePort),
        LULL_METRICS_PORT: '0',
      },
    });
    await until('the store answers', async () => (await callAt('127.0.0.1', this.#storePort, { path: '/' })).status > 0, 10_000, 50);
  }

  async stopStore(): Promise<void> {
    const store = this.#store;
    const gone = new Promise((resolve) => store?.once('exit', resolve));
    store?.kill('SIGKILL');
    await gone;
  }

  /** What the store has. */
  blob(digest: string): Buffer {
    return readFileSync(join(this.dir, 'blobs', digest));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A signed call. */
  send(method: string, target: string, { credentials = ALL, body = '', headers = {} }: Call = {}): Promise<Answer> {
    const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const host = `127.0.0.1:${this.port}`;
    const all = signed(credentials, { method, target, headers: { host, ...headers }, body: bytes });
    return callAt('127.0.0.1', this.port, { method, path: target, body: bytes, headers: all });
  }

  async close(): Promise<void> {
    this.#server.close();
    await this.stopStore();
    await this.transport.close();
    await this.#api.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function key({ id, secret }: Credentials, more: string): [string, AccessKey] {
  return [id, new AccessKey(id, `secretAccessKey: ${secret}\n${more}`)];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
