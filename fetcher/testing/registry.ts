import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '../../test/cluster/exec.ts';
import { step } from '../../test/cluster/log.ts';
import { cacheDir } from '../../test/cluster/paths.ts';
import { listen } from './listen.ts';

export const USER = 'me';
export const PASSWORD = 's3cret';
/** htpasswd's line for both, bcrypt. */
const LOGIN = 'me:$2b$04$uM8skKCCx6LXwyV6q7kIIOVrbfv5tk3pjSsUe4N7SF4Qd928QlPV2';

export interface Layer {
  content: Buffer;
  mediaType: string;
  title?: string;
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Debian's package docker-registry (CNCF Distribution), taken apart into the cache once: as a package it would start a service. */
async function registryBinary(): Promise<string> {
  const folder = join(cacheDir, 'docker-registry');
  const binary = join(folder, 'usr/bin/docker-registry');
  if (existsSync(binary)) return binary;
  step('docker-registry: downloading');
  const part = mkdtempSync(`${folder}-`);
  await exec('apt-get', ['download', '-q', 'docker-registry'], { cwd: part });
  await exec('sh', ['-c', 'dpkg-deb -x *.deb .'], { cwd: part });
  rmSync(folder, { recursive: true, force: true });
  renameSync(part, folder);
  step('docker-registry: ready');
  return binary;
}

/** A registry that speaks http, and asks for a login if wanted. */
export class TestRegistry {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #headers: Record<string, string>;
  readonly address: string;

  private constructor(process: ChildProcess, folder: string, address: string, login: boolean) {
    this.#process = process;
    this.#folder = folder;
    this.address = address;
    this.#headers = login ? { authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}` } : {};
  }

  static async start(login: boolean): Promise<TestRegistry> {
    const binary = await registryBinary();
    const folder = mkdtempSync(join(tmpdir(), 'registry-'));
    const probe = createServer();
    const address = await listen(probe);
    await new Promise((resolve) => probe.close(resolve));
    writeFileSync(join(folder, 'htpasswd'), `${LOGIN}\n`);
    const config = {
      version: '0.1',
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      http: { addr: address },
      ...(login && { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } }),
    };
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
    const registry = new TestRegistry(spawn(binary, ['serve', join(folder, 'config.yml')], { stdio: 'ignore' }), folder, address, login);
    await registry.#ready();
    return registry;
  }

  stop(): void {
    this.#process.kill();
    rmSync(this.#folder, { recursive: true });
  }

  /** Pushes an artifact as oras does, or an image with its configuration; returns the manifest's digest. */
  async push(
    repository: string,
    tag: string,
    layers: readonly Layer[],
    artifactType = 'application/vnd.example.code.v1',
    configuration: object = {},
  ): Promise<string> {
    const config = Buffer.from(JSON.stringify(configuration));
    for (const content of [config, ...layers.map((layer) => layer.content)]) await this.#pushBlob(repository, content);
    const descriptor = (content: Buffer, mediaType: string): object => ({ mediaType, digest: digestOf(content), size: content.length });
    return await this.pushManifest(repository, tag, 'application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2,
      config: descriptor(config, artifactType),
      layers: layers.map(({ content, mediaType, title }) => ({
        ...descriptor(content, mediaType),
        ...(title !== undefined && { annotations: { 'org.opencontainers.image.title': title } }),
      })),
    });
  }

  async pushManifest(repository: string, tag: string, mediaType: string, content: object): Promise<string> {
    const manifest = Buffer.from(JSON.stringify({ mediaType, ...content }));
    await this.#call('PUT', `/v2/${repository}/manifests/${tag}`, { 'content-type': mediaType }, manifest);
    return digestOf(manifest);
  }

  async manifest(repository: string, reference: string): Promise<Buffer> {
    const accept = 'application/vnd.oci.image.manifest.v1+json';
    return Buffer.from(await (await this.#call('GET', `/v2/${repository}/manifests/${reference}`, { accept })).arrayBuffer());
  }

  async #pushBlob(repository: string, content: Buffer): Promise<void> {
    const started = await this.#call('POST', `/v2/${repository}/blobs/uploads/`);
    const location = new URL(started.headers.get('location') ?? '', `http://${this.address}`);
    location.searchParams.set('digest', digestOf(content));
    await this.#call('PUT', location.pathname + location.search, { 'content-type': 'application/octet-stream' }, content);
  }

  async #call(method: string, path: string, headers: Record<string, string> = {}, body?: Buffer): Promise<Response> {
    const response = await fetch(`http://${this.address}${path}`, {
      method,
      headers: { ...this.#headers, ...headers },
      ...(body && { body: new Uint8Array(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async #ready(): Promise<void> {
    for (;;) {
      if (this.#process.exitCode !== null) throw new Error(`the registry ended with exit code ${this.#process.exitCode}`);
      const answered = await fetch(`http://${this.address}/v2/`, { headers: this.#headers }).catch(() => undefined);
      if (answered?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
