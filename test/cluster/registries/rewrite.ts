/** Hosts that may be asked, SCHEME://HOST, and what reaches them here: BASE/SCHEME/HOST/PATH. */
export class Routes {
  readonly #base: string;
  readonly #origins = new Set<string>();

  /** `base`: http://HOST:PORT of this proxy; `registries` may be asked from the start. */
  constructor(base: string, registries: readonly string[]) {
    this.#base = base;
    for (const registry of registries) this.#origins.add(new URL(registry).origin);
  }

  /** The address here of an address there. */
  here(address: string): string {
    const { protocol, host, pathname, search } = new URL(address);
    return `${this.#base}/${protocol.slice(0, -1)}/${host}${pathname}${search}`;
  }

  /** The address there that a path here stands for; undefined for what nothing has led to. */
  there(path: string): URL | undefined {
    const match = /^\/(https?)\/([^/]+)(\/.*)?$/.exec(path);
    if (!match) return undefined;
    const url = new URL(`${match[1]}://${match[2]}${match[3] ?? '/'}`);
    return this.#origins.has(url.origin) ? url : undefined;
  }

  /** An index, its packages' addresses turned into ours; their hosts may then be asked too. */
  rewrite(text: string): string {
    return text.replace(PACKAGE, (address) => {
      this.#origins.add(new URL(address).origin);
      return this.here(address);
    });
  }
}

/** An absolute address of a package in HTML or JSON. */
const PACKAGE = /https?:\/\/[^\s"'<>\\]+\.(?:whl|tgz|tar\.gz|zip)(?:\.metadata)?(?=["'#?])/g;
