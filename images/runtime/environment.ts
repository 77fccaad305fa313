import { readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ExtensionHost, HostOptions, Owner, ShutdownReason } from './extensions/host.ts';

/**
 * What lives beside the handlers: extensions. Most functions have none, and pay one look into a directory for it; the code for them is a bundle of its own,
 * loaded when there is one in /opt/extensions, or when a handler registers one.
 */
export class Environment {
  /** Undefined until there is an extension. */
  host: ExtensionHost | undefined;
  readonly #options: HostOptions;
  #paths: string[] | undefined;
  #loading: Promise<ExtensionHost> | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Code and layers are there: starts the extensions. Calls back, at once where there are none, when the handler may load. */
  prepare(owner: Owner, ready: () => void): void {
    this.#paths ??= listFiles(this.#options.config.extensionsDir);
    const paths = this.#paths;
    if (paths.length === 0) ready();
    else if (this.host) this.host.begin(paths, owner, ready);
    else void this.#load().then((host) => host.begin(paths, owner, ready));
  }

  /** A call of the APIs for extensions that came to the Runtime API of a handler. */
  request(owner: Owner, path: string, req: IncomingMessage, res: ServerResponse): void {
    if (this.host) this.host.request(owner, path, req, res);
    else void this.#load().then((host) => host.request(owner, path, req, res));
  }

  /** Calls back when the handler's extensions are done with its end. */
  ended(owner: Owner, reason: ShutdownReason, done: () => void): void {
    if (this.host) this.host.ended(owner, reason, done);
    else done();
  }

  /** The pod ends. */
  stop(done: () => void): void {
    if (this.host) this.host.end('spindown', done);
    else done();
  }

  #load(): Promise<ExtensionHost> {
    this.#loading ??= import('./extensions/main.ts').then(({ ExtensionHost }) => {
      this.host = new ExtensionHost(this.#options);
      return this.host;
    });
    return this.#loading;
  }
}

/** As AWS does: whatever is no directory; one that cannot be executed is an error then. */
function listFiles(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(dir, entry.name))
      .sort();
  } catch {
    return [];
  }
}
