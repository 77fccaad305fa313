import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import type { Config } from '../config.ts';
import type { Failure } from '../failure.ts';
import { extensionFailure } from '../failure.ts';
import { HandlerProcess } from '../handler-process.ts';
import type { Invocation } from '../invocation.ts';
import type { Log } from '../log.ts';
import type { Report, Status } from '../platform-log.ts';
import { Extension, type ExtensionEvent } from './extension.ts';
import { extensionEnv } from './extension-env.ts';
import { handleRequest } from './extensions-api.ts';
import { OwnServer } from './own-server.ts';
import * as events from './platform-events.ts';
import type { Category, Subscription } from './subscription.ts';
import { Telemetry } from './telemetry.ts';

/** As AWS has it, those in /opt/extensions and those of the handler together. */
export const MAX_EXTENSIONS = 10;
/** Of the 2 s that AWS gives an environment to end the handler may take the first 0.5 (handler-pool.ts). */
const SHUTDOWN_MILLIS = 1500;
/** Of which the last telemetry may take so much before SHUTDOWN is told. */
const FLUSH_MILLIS = 300;

/** A handler process, to which internal extensions belong. */
export interface Owner {
  /** HOST:PORT of its Runtime API. */
  readonly address: string;
}

export type ShutdownReason = 'spindown' | 'timeout' | 'failure';

export interface HostOptions {
  config: Config;
  log: Log;
  arn: string;
  /** An extension failed, and with it all handler processes. */
  failed: (failure: Failure) => void;
}

/** One of /opt/extensions. */
interface External {
  extension: Extension;
  process: HandlerProcess | undefined;
  /** SHUTDOWN. */
  told: boolean;
  ended: boolean;
}

/** Somebody waits until extensions have come so far. */
interface Waiting {
  owner: Owner;
  condition: () => boolean;
  done: () => void;
}

/**
 * The extensions of a pod. With one handler process they live and end with it, as on AWS: down → starting → up → ending → down. With several they live with the
 * pod, and no INVOKE is for those of /opt/extensions, as with AWS's Managed Instances: which of several requests it would speak of nobody could say.
 */
export class ExtensionHost {
  readonly config: Config;
  readonly telemetry = new Telemetry();
  /** Several handler processes share them. */
  readonly isShared: boolean;
  readonly #options: HostOptions;
  readonly #internals = new Map<Owner, Extension[]>();
  /** Whose initialization is over: nothing registers any more. */
  readonly #initialized = new WeakSet<Owner>();
  #phase: 'down' | 'starting' | 'up' | 'ending' = 'down';
  #externals: External[] = [];
  #waiting: Waiting[] = [];
  #afterEnd: (() => void)[] = [];
  #shutdown: object | undefined;
  #server: OwnServer | undefined;
  #failed = false;
  #reported = false;

  constructor(options: HostOptions) {
    this.#options = options;
    this.config = options.config;
    this.isShared = options.config.concurrency > 1;
  }

  /** Starts the executables, unless they run already. Calls back when all have registered. */
  begin(paths: readonly string[], owner: Owner, ready: () => void): void {
    if (this.#phase === 'ending') {
      this.#afterEnd.push(() => this.begin(paths, owner, ready));
      return;
    }
    this.#when(owner, () => this.#phase !== 'down' && this.#externals.every(({ extension }) => isRegistered(extension)), ready);
    if (this.#phase === 'down') this.#start(paths, owner);
  }

  /** A call of the Extensions, Telemetry or Logs API. `owner`: whose Runtime API it came to; undefined where that is nobody's. */
  request(owner: Owner | undefined, path: string, req: IncomingMessage, res: ServerResponse): void {
    handleRequest(this, owner, path, req, res);
  }

  /** The handler has asked for its first event. Calls back when all extensions have, too. */
  initialized(owner: Owner, initMillis: () => number, done: () => void): void {
    this.#initialized.add(owner);
    this.emit('platform', events.initRuntimeDone('success', undefined));
    this.#when(
      owner,
      () => this.#externals.every(({ extension }) => isUp(extension)) && this.#internalsOf(owner).every((extension) => extension.isReady),
      () => {
        if (this.#phase === 'starting') this.#phase = 'up';
        this.#reportExtensions(owner);
        this.emit('platform', events.initReport(initMillis(), 'success', undefined));
        this.telemetry.close();
        done();
      },
    );
  }

  /** The handler did not come so far. */
  initFailed(initMillis: number, status: Status, errorType: string | undefined): void {
    this.emit('platform', events.initRuntimeDone(status, errorType));
    this.emit('platform', events.initReport(initMillis, status, errorType));
  }

  invoke(owner: Owner, invocation: Invocation): void {
    this.emit('platform', events.start(invocation));
    const event = {
      eventType: 'INVOKE',
      deadlineMs: invocation.deadline,
      requestId: invocation.id,
      invokedFunctionArn: this.#options.arn,
      tracing: { type: 'X-Amzn-Trace-Id', value: invocation.traceId },
    };
    for (const extension of this.#invoked(owner)) extension.send(event);
  }

  /** The handler has asked for more, or is gone. Calls back when those that were told of the invocation have asked for more, too. */
  finished(owner: Owner, how: events.RuntimeDone, done: () => void): void {
    this.emit('platform', events.runtimeDone(how, performance.now(), Date.now()));
    const invoked = this.#invoked(owner);
    this.#when(owner, () => invoked.every((extension) => extension.isReady), done);
  }

  report(report: Report): void {
    this.emit('platform', events.end(report.requestId));
    this.emit('platform', events.report(report, this.config.facts.memoryMb));
  }

  fault(text: string): void {
    this.emit('platform', events.fault(text));
  }

  /** A line of the handler's. */
  line(text: string): void {
    this.#line('function', text);
  }

  /** The handler process is gone; the extensions of an environment end with it. Calls back when they have. */
  ended(owner: Owner, reason: ShutdownReason, done: () => void): void {
    for (const { id } of this.#internalsOf(owner)) this.telemetry.unsubscribe(id);
    this.#internals.delete(owner);
    this.#waiting = this.#waiting.filter((waiting) => waiting.owner !== owner);
    if (this.isShared) done();
    else this.end(reason, done);
  }

  /** Tells those that want to know, gives them time to end, and ends them. */
  end(reason: ShutdownReason, done?: () => void): void {
    if (done) this.#afterEnd.push(done);
    if (this.#phase === 'ending') return;
    this.#phase = 'ending';
    const event = { eventType: 'SHUTDOWN', shutdownReason: reason, deadlineMs: Date.now() + SHUTDOWN_MILLIS };
    const tell = (): void => {
      if (this.#shutdown || this.#phase !== 'ending') return;
      this.#shutdown = event;
      // One that is busy gets it when it asks.
      for (const { extension } of this.#externals) if (extension.isReady || !extension.wants('SHUTDOWN')) this.#endOne(extension);
    };
    // What happened last comes before: many end at once when they are told.
    const slow = setTimeout(tell, FLUSH_MILLIS);
    this.telemetry.flush(tell);
    const timer = setTimeout(() => {
      for (const { process } of this.#externals) process?.kill('SIGKILL');
    }, SHUTDOWN_MILLIS);
    const gone = (): void => {
      clearTimeout(timer);
      clearTimeout(slow);
      this.#down();
    };
    if (this.#externals.every(({ ended }) => ended)) gone();
    else this.#waiting.push({ owner: NOBODY, condition: () => this.#externals.every(({ ended }) => ended), done: gone });
  }

  // What the API's handlers use.

  find(id: string): { extension: Extension; owner: Owner | undefined } | undefined {
    const external = this.#externals.find(({ extension }) => extension.id === id);
    if (external) return { extension: external.extension, owner: undefined };
    for (const [owner, extensions] of this.#internals) {
      const extension = extensions.find((one) => one.id === id);
      if (extension) return { extension, owner };
    }
    return undefined;
  }

  external(name: string): Extension | undefined {
    return this.#externals.find(({ extension }) => extension.name === name)?.extension;
  }

  internal(owner: Owner, name: string): Extension | undefined {
    return this.#internalsOf(owner).find((extension) => extension.name === name);
  }

  count(owner: Owner): number {
    return this.#externals.length + this.#internalsOf(owner).length;
  }

  addInternal(owner: Owner, extension: Extension): void {
    this.#internals.set(owner, [...this.#internalsOf(owner), extension]);
  }

  /** Whether an extension of this process (of none: one of /opt/extensions) may still register and subscribe. */
  isInitializing(owner: Owner | undefined): boolean {
    return owner ? !this.#initialized.has(owner) : this.#phase === 'starting';
  }

  subscribe({ id, name }: Extension, subscription: Subscription): void {
    const { api, types } = subscription;
    const capitals = types.map((type) => `${type[0]?.toUpperCase()}${type.slice(1)}`).join(', ');
    this.telemetry.subscribe(id, subscription);
    this.emit('platform', events.subscribed(name, subscription));
    this.#options.log('init', `${api.toUpperCase()}\tName: ${name}\tState: Subscribed\tTypes: [${capitals}]`);
  }

  /** An extension has come further. */
  changed(extension: Extension): void {
    if (this.#shutdown && extension.isReady) this.#endOne(extension);
    this.#look();
  }

  emit(category: Category, records: Parameters<Telemetry['emit']>[1]): void {
    this.telemetry.emit(category, records);
  }

  #start(paths: readonly string[], owner: Owner): void {
    this.#phase = 'starting';
    this.emit('platform', events.initStart(this.config.facts));
    this.#externals = paths.map((path) => ({ extension: new Extension(basename(path)), process: undefined, told: false, ended: false }));
    if (paths.length > MAX_EXTENSIONS) {
      this.#launchFailed(this.#externals[MAX_EXTENSIONS] as External, 'TooManyExtensions', `there are ${paths.length}, and 10 may be`);
      return;
    }
    const begin = (address: string): void => {
      for (const [i, path] of paths.entries()) this.#spawn(this.#externals[i] as External, path, address);
    };
    if (!this.isShared) begin(owner.address);
    else {
      // The Runtime API of one of several handlers goes away with it; theirs does not.
      this.#server ??= new OwnServer((path, req, res) => this.request(undefined, path, req, res));
      this.#server.listen(begin);
    }
  }

  #spawn(external: External, path: string, address: string): void {
    const { extension } = external;
    external.process = new HandlerProcess({
      command: [path],
      cwd: '/',
      env: extensionEnv(this.config.handlerEnv, address),
      waitsForCode: false,
      onLine: (line) => {
        this.#options.log(`extension/${extension.name}`, line);
        this.#line('extension', line);
      },
      onExit: (code, signal, error) => this.#exited(external, code, signal, error),
    });
  }

  #exited(external: External, code: number | null, signal: NodeJS.Signals | null, error: Error | undefined): void {
    const { extension } = external;
    external.ended = true;
    if (this.#phase === 'ending') {
      extension.state = code === 0 ? 'Exited' : 'ShutdownFailed';
      this.#look();
    } else if (error)
      this.#launchFailed(external, (error as NodeJS.ErrnoException).code === 'EACCES' ? 'PermissionDenied' : 'UnknownError', error.message);
    else this.#fail(extension, extensionFailure(extension.name, extension.state, extension.errorType, { code, signal }));
  }

  #launchFailed(external: External, errorType: string, detail: string): void {
    const { extension } = external;
    extension.state = 'LaunchError';
    extension.errorType = errorType;
    for (const one of this.#externals) one.ended ||= one.process === undefined;
    this.#fail(extension, extensionFailure(extension.name, 'LaunchError', errorType, { message: detail }));
  }

  #fail(extension: Extension, failure: Failure): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#logState(extension);
    this.#options.failed(failure);
    this.end('failure');
  }

  /** SHUTDOWN is told once; who then asks for more instead of ending is done, too. AWS's own client for Rust does so. */
  #endOne(extension: Extension): void {
    const external = this.#externals.find((one) => one.extension === extension);
    const event = external?.told ? undefined : this.#shutdown;
    if (external && event && extension.wants('SHUTDOWN')) external.told = extension.send(event);
    else external?.process?.kill('SIGKILL');
  }

  #down(): void {
    this.#phase = 'down';
    this.#externals = [];
    this.#shutdown = undefined;
    this.#failed = false;
    this.#reported = false;
    this.telemetry.reset();
    for (const next of this.#afterEnd.splice(0)) next();
  }

  /** As AWS's log has it, once for each. */
  #reportExtensions(owner: Owner): void {
    const externals = this.#reported ? [] : this.#externals.map(({ extension }) => extension);
    this.#reported = true;
    for (const extension of [...externals, ...this.#internalsOf(owner)]) this.#logState(extension);
  }

  #logState(extension: Extension): void {
    const { name, state, errorType } = extension;
    const type = errorType === undefined ? '' : `\tError Type: ${errorType}`;
    this.#options.log('init', `EXTENSION\tName: ${name}\tState: ${state}\tEvents: [${extension.events.join(',')}]${type}`);
    this.emit('platform', events.extensionRecords(extension));
  }

  #line(category: 'function' | 'extension', text: string): void {
    if (!this.telemetry.isWanted) return;
    const event = { type: category, record: this.config.logFormat === 'JSON' ? parsed(text) : text };
    this.emit(category, { telemetry: event, logs: { type: category, record: text } });
  }

  #internalsOf(owner: Owner): Extension[] {
    return this.#internals.get(owner) ?? [];
  }

  #invoked(owner: Owner): Extension[] {
    const all = [...this.#externals.map(({ extension }) => extension), ...this.#internalsOf(owner)];
    return all.filter((extension) => extension.wants('INVOKE' satisfies ExtensionEvent));
  }

  #when(owner: Owner, condition: () => boolean, done: () => void): void {
    if (condition()) done();
    else this.#waiting.push({ owner, condition, done });
  }

  #look(): void {
    for (const waiting of [...this.#waiting]) {
      if (!this.#waiting.includes(waiting) || !waiting.condition()) continue;
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      waiting.done();
    }
  }
}

const NOBODY: Owner = { address: '' };

function isRegistered({ state }: Extension): boolean {
  return state === 'Registered' || isUp({ state });
}

function isUp({ state }: Pick<Extension, 'state'>): boolean {
  return state === 'Ready' || state === 'Running';
}

/** A line of JSON is told as what it is. */
function parsed(text: string): unknown {
  if (!text.startsWith('{')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
