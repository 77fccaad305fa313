import type { IncomingMessage, ServerResponse } from 'node:http';
import { announceToken } from '../../common/api/token.ts';
import { eachMessage } from '../announce/session.ts';
import type { PeerMessage } from './messages.ts';
import { PeerLink } from './peer-link.ts';

export interface PeersOptions {
  /** This activator's name and its own control port's address. */
  self: string;
  address: string;
  key: string;
  /** The set of activators that can be talked to has changed. */
  changed: () => void;
  received: (from: string, message: PeerMessage) => void;
}

/** No function has this name, so its token is no pod's. */
const SUBJECT = { namespace: '-', function: '-', revision: 'peer' };

/** The other activators: a connection to each of those that are known from the Service's endpoints, or that have made one to us. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #token: string;
  /** By address. */
  readonly #links = new Map<string, { link: PeerLink; name: string | undefined }>();
  readonly #incoming = new Map<string, { address: string; res: ServerResponse }>();
  #listed: readonly string[] = [];

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#token = announceToken(options.key, SUBJECT);
  }

  /** Names of the other activators that can be talked to. */
  get live(): string[] {
    return [...this.#links.values()].flatMap(({ name }) => name ?? []);
  }

  /** All that are known of are connected. */
  get settled(): boolean {
    return [...this.#links.values()].every(({ name }) => name !== undefined);
  }

  /** Takes over the addresses that the endpoints show. */
  meet(addresses: readonly string[]): void {
    this.#listed = addresses;
    this.#update();
  }

  send(name: string, message: PeerMessage): void {
    for (const peer of this.#links.values()) if (peer.name === name) peer.link.send(message);
  }

  broadcast(message: PeerMessage): void {
    for (const { link, name } of this.#links.values()) if (name !== undefined) link.send(message);
  }

  /** `POST /v1/peer`: another activator has come. */
  accept(req: IncomingMessage, res: ServerResponse): void {
    if (req.headers.authorization !== `Bearer ${this.#token}`) {
      res.writeHead(401, { connection: 'close' }).end();
      return;
    }
    let from: string | undefined;
    eachMessage(req, (given) => {
      const message = given as unknown as PeerMessage;
      if (message.type === 'hello') {
        from = message.name;
        this.#incoming.set(from, { address: message.address, res });
        res.writeHead(200, { 'x-lull-activator': this.#options.self });
        res.flushHeaders();
        this.#update();
      } else if (from !== undefined) this.#options.received(from, message);
    });
    res.on('close', () => {
      if (from === undefined || this.#incoming.get(from)?.res !== res) return;
      this.#incoming.delete(from);
      this.#update();
    });
  }

  close(): void {
    for (const { link } of this.#links.values()) link.close();
    for (const { res } of this.#incoming.values()) res.end();
    this.#links.clear();
  }

  #update(): void {
    const wanted = new Set([...this.#listed, ...[...this.#incoming.values()].map(({ address }) => address)]);
    wanted.delete(this.#options.address);
    let changed = false;
    for (const [address, { link, name }] of this.#links) {
      if (wanted.has(address)) continue;
      link.close();
      this.#links.delete(address);
      if (name !== undefined) changed = true;
    }
    for (const address of wanted) if (!this.#links.has(address)) this.#dial(address);
    if (changed) this.#options.changed();
  }

  #dial(address: string): void {
    const { self, address: own } = this.#options;
    const peer: { link: PeerLink; name: string | undefined } = { link: undefined as unknown as PeerLink, name: undefined };
    this.#links.set(address, peer);
    peer.link = new PeerLink({
      address,
      token: this.#token,
      hello: { type: 'hello', name: self, address: own },
      onUp: (name) => {
        peer.name = name;
        this.#options.changed();
      },
      onDown: () => {
        peer.name = undefined;
        this.#options.changed();
      },
    });
  }
}
