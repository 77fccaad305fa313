import { createHash } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A registry of one image, `you/app:1`, which has a configuration and no layers. Real clients speak to it. */
export class OneImageRegistry {
  readonly #server: Server;
  readonly #blobs = new Map<string, Buffer>();
  readonly #manifest: Buffer;
  /** Of the manifest. */
  readonly digest: string;
  /** When set, only who sends these by Basic is answered. */
  credentials: { username: string; password: string } | undefined;
  /** So many requests for the manifest are answered 503 first. */
  failures = 0;

  /** @param tls key and certificate, for https */
  constructor(config: object, tls?: { key: string; cert: string }) {
    const configuration = Buffer.from(
      JSON.stringify({
        architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
        os: 'linux',
        config,
        rootfs: { type: 'layers', diff_ids: [] },
      }),
    );
    this.#blobs.set(`sha256:${sha256(configuration)}`, configuration);
    this.#manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: {
          mediaType: 'application/vnd.oci.image.config.v1+json',
          digest: `sha256:${sha256(configuration)}`,
          size: configuration.length,
        },
        layers: [],
      }),
    );
    this.digest = sha256(this.#manifest);
    const listener: RequestListener = ({ url = '', headers }, response) => {
      const { username, password } = this.credentials ?? {};
      const allowed = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      const answer = (status: number, body: Buffer | string, type = 'application/json'): void => {
        response.writeHead(status, { 'content-type': type, ...(status === 401 && { 'www-authenticate': 'Basic realm="test"' }) }).end(body);
      };
      const failed = (code: string): string => JSON.stringify({ errors: [{ code, message: code.toLowerCase().replace('_', ' ') }] });
      if (this.credentials && headers.authorization !== allowed) return answer(401, failed('UNAUTHORIZED'));
      if (url === '/v2/') return answer(200, '{}');
      const [, kind, reference = ''] = /^\/v2\/you\/app\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
      const blob = this.#blobs.get(reference);
      if (kind === 'blobs' && blob) return answer(200, blob, 'application/octet-stream');
      const isManifest = kind === 'manifests' && ['1', `sha256:${this.digest}`].includes(reference);
      if (!isManifest) return answer(404, failed(kind === undefined ? 'NAME_UNKNOWN' : 'MANIFEST_UNKNOWN'));
      if (this.failures-- > 0) return answer(500, failed('UNKNOWN'));
      return answer(200, this.#manifest, 'application/vnd.oci.image.manifest.v1+json');
    };
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener);
  }

  /** HOST:PORT. */
  async listen(host = '127.0.0.1'): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, host, resolve));
    return `${host}:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
