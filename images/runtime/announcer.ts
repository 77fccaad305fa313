import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { ActivatorMessage, Announce, Free, Ping, PodMessage, Welcome } from '../../common/api/announcement.ts';
import { splitHostPort } from '../../common/host-port.ts';
import type { Log } from './log.ts';

/** As common/api/announcement.ts says: at once, then 50 ms doubling to 1 s. */
const RETRY_MIN_MILLIS = 50;
const RETRY_MAX_MILLIS = 1000;
const SILENCE_MILLIS = 15_000;
/** The load is said at most this often: at once when it changes, and then the last of what came meanwhile. */
const LOAD_MILLIS = 100;

/** What is left for others: who there is and that somebody is there at all is the announcer's own affair. */
export type ForPod = Exclude<ActivatorMessage, Welcome | Ping>;

export interface AnnouncerOptions {
  /** HOST:PORT of the activators' control port. */
  activator: string;
  log: Log;
  /** What opens a stream. */
  token: string;
  hello: () => Announce | Free;
  /** `say` answers on the same stream. */
  onMessage: (message: ForPod, say: (answer: PodMessage) => void) => void;
  /** Slots that direct callers take now. */
  load?: (() => number) | undefined;
}

/** Keeps the pod announced: at the activators' Service, and at each peer that the one behind it names. */
export class Announcer {
  #options: AnnouncerOptions;
  readonly #peers = new Map<string, Announcement>();
  readonly #first: Announcement;
  #draining = false;
  #toldLoad = 0;
  #loadTimer: NodeJS.Timeout | undefined;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#first = new Announcement(
      options.activator,
      () => this.#options,
      () => this.#draining,
      (peers) => this.#meet(peers),
    );
  }

  start(): void {
    this.#first.start();
  }

  /** It is something else from now on: streams that stand are told by `line`, those that are opened later open so. */
  become(options: AnnouncerOptions, line: Announce): void {
    this.#options = options;
    this.#sayToAll(line);
  }

  /** Says on every stream that nothing new is to be sent here. */
  drain(): void {
    this.#draining = true;
    this.#sayToAll({ type: 'draining' });
  }

  /** Slots that direct callers take may have changed. */
  loadChanged(): void {
    if (this.#loadTimer) return;
    const direct = this.#options.load?.() ?? 0;
    if (direct === this.#toldLoad) return;
    this.#toldLoad = direct;
    this.#sayToAll({ type: 'load', direct });
    this.#loadTimer = setTimeout(() => {
      this.#loadTimer = undefined;
      this.loadChanged();
    }, LOAD_MILLIS);
  }

  stop(): void {
    clearTimeout(this.#loadTimer);
    for (const announcement of [this.#first, ...this.#peers.values()]) announcement.stop();
  }

  #sayToAll(message: PodMessage): void {
    for (const announcement of [this.#first, ...this.#peers.values()]) announcement.say(message);
  }

  #meet(addresses: readonly string[]): void {
    for (const [address, announcement] of this.#peers) {
      if (addresses.includes(address)) continue;
      announcement.stop();
      this.#peers.delete(address);
    }
    for (const address of addresses) {
      if (this.#peers.has(address) || this.#draining) continue;
      const announcement = new Announcement(
        address,
        () => this.#options,
        () => this.#draining,
        () => undefined,
      );
      this.#peers.set(address, announcement);
      announcement.start();
    }
  }
}

/** The announcement at one address: connected, or trying to be. */
class Announcement {
  readonly #host: string;
  readonly #port: number;
  readonly #options: () => AnnouncerOptions;
  readonly #isDraining: () => boolean;
  readonly #onPeers: (peers: readonly string[]) => void;
  #request: ClientRequest | undefined;
  #retryMillis = 0;
  #silence: NodeJS.Timeout | undefined;
  #stopped = false;
  #complained = '';

  constructor(address: string, options: () => AnnouncerOptions, isDraining: () => boolean, onPeers: (peers: readonly string[]) => void) {
    const { host, port } = splitHostPort(address);
    this.#host = host;
    this.#port = port;
    this.#options = options;
    this.#isDraining = isDraining;
    this.#onPeers = onPeers;
  }

  start(): void {
    const { token, hello, load } = this.#options();
    const req = request({
      host: this.#host,
      port: this.#port,
      method: 'POST',
      path: '/v1/announce',
      agent: false,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson', 'transfer-encoding': 'chunked' },
    });
    this.#request = req;
    req.setNoDelay(true);
    req.on('response', (res) => this.#opened(res));
    req.on('error', (error) => this.#lost(req, error.message));
    req.on('close', () => this.#lost(req, 'the connection ended'));
    this.#listenForSilence(req);
    this.say(hello());
    // Who hears of it only now must not send anything new: each request would prolong the end, up to the time when what runs is broken off.
    if (this.#isDraining()) this.say({ type: 'draining' });
    const direct = load?.() ?? 0;
    if (direct > 0) this.say({ type: 'load', direct });
  }

  say(message: PodMessage): void {
    if (this.#request?.writable) this.#request.write(`${JSON.stringify(message)}\n`);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#silence);
    this.#request?.destroy();
  }

  #opened(res: IncomingMessage): void {
    let text = '';
    const refused = res.statusCode !== 200;
    res.setEncoding('utf8');
    res.on('data', (chunk: string) => {
      if (this.#request) this.#listenForSilence(this.#request);
      text += chunk;
      if (refused) return;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) if (line !== '') this.#receive(line);
    });
    res.on('error', () => undefined);
    res.on('end', () => {
      // A refusal is tried again after a second: the activator may just not know the function yet.
      if (refused) {
        this.#retryMillis = RETRY_MAX_MILLIS;
        this.#complain(`refused: ${res.statusCode} ${text.trim()}`);
      }
      this.#request?.destroy();
    });
    if (!refused) this.#retryMillis = 0;
  }

  #receive(line: string): void {
    try {
      const message = JSON.parse(line) as ActivatorMessage;
      if (message.type === 'welcome') this.#onPeers(message.peers);
      else if (message.type !== 'ping') this.#options().onMessage(message, (answer) => this.say(answer));
      this.#complained = '';
    } catch (error) {
      this.#complain(`cannot be understood: ${(error as Error).message}`);
    }
  }

  #lost(req: ClientRequest, why: string): void {
    if (this.#request !== req || this.#stopped) return;
    this.#request = undefined;
    clearTimeout(this.#silence);
    req.destroy();
    this.#complain(why);
    setTimeout(() => {
      if (!this.#stopped) this.start();
    }, this.#retryMillis);
    this.#retryMillis = Math.min(RETRY_MAX_MILLIS, Math.max(RETRY_MIN_MILLIS, this.#retryMillis * 2));
  }

  #listenForSilence(req: ClientRequest): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => req.destroy(new Error(`nothing was heard for ${SILENCE_MILLIS / 1000} s`)), SILENCE_MILLIS);
  }

  /** Once for each kind of trouble, not once a second. */
  #complain(what: string): void {
    if (this.#complained === what) return;
    this.#complained = what;
    this.#options().log('lull', `announcement at ${this.#host}:${this.#port}: ${what}; tried again`);
  }
}
