import { join } from 'node:path';
import { announceToken } from '../../../common/api/token.ts';
import { AccessKey } from '../../../common/lambda-api/access-key.ts';
import { Authentication } from '../../../common/lambda-api/authentication.ts';
import { type Credentials, signed } from '../../../common/lambda-api/testing/signed.ts';
import { Bridge } from '../../../images/runtime/testing/bridge.ts';
import { type Answer, callAt } from '../../../test/support/http.ts';
import { fnObject, KEY, Rig } from '../../testing/rig.ts';

/** Keys of the tests': for all that there is, for one function, and for another namespace. */
export const ALL: Credentials = { id: 'ALLKEY', secret: 'a secret of the key that may do all' };
export const ONE: Credentials = { id: 'ONEKEY', secret: 'a secret of the key for one function' };
export const OTHER: Credentials = { id: 'OTHERKEY', secret: 'a secret of the key of others' };
const key = ({ id, secret }: Credentials, more: string): [string, AccessKey] => [
  id,
  new AccessKey(id, `secretAccessKey: ${secret}\n${more}`),
];
const KEYS = new Map([
  key(ALL, "namespaces: [ns, other]\nactions: ['lambda:*']"),
  key(ONE, 'namespaces: [ns]\nfunctions: [f]'),
  key(OTHER, 'namespaces: [other]'),
]);

export interface CallOptions {
  credentials?: Credentials;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** When it is signed: Unix milliseconds. */
  at?: number;
  query?: string;
}

/** A rig that serves Lambda's API, and real bridges whose handlers do as their events say (activator/testing/event-handler.mjs). */
export class LambdaRig extends Rig {
  /** What was expected to be signed, of wrong signatures. */
  readonly mismatches: string[];
  readonly #bridges: Bridge[] = [];

  constructor(holdMillis: number, holdRequests: number, manager?: { host: string; port: number }) {
    const mismatches: string[] = [];
    const authentication = new Authentication(KEYS, Date.now, (_id, canonical) => mismatches.push(canonical));
    super(holdMillis, holdRequests, { lambdaApi: { authentication, manager } });
    this.mismatches = mismatches;
  }

  async start(name: string, concurrency: number, env: Record<string, string> = {}): Promise<void> {
    this.add(fnObject(name, { concurrency, timeoutSeconds: Number(env['LULL_TIMEOUT_SECONDS'] ?? 10) }), 1);
    const bridge = await Bridge.start({
      control: this.controlAddress,
      http: this.host,
      name: `pod-${name}`,
      token: announceToken(KEY, { namespace: 'ns', function: name, revision: `${name}-1` }),
      concurrency,
      env: {
        LULL_FUNCTION: name,
        LULL_REVISION: `${name}-1`,
        LULL_DIRECT_PORT: '0',
        LULL_COMMAND: JSON.stringify([process.execPath, join(import.meta.dirname, '../../testing/event-handler.mjs')]),
        ...env,
      },
    });
    this.#bridges.push(bridge);
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** A signed call. */
  send(
    target: string,
    { credentials = ALL, method = 'POST', headers = {}, body = '', at = Date.now() }: CallOptions = {},
  ): Promise<Answer> {
    const all = signed(credentials, { method, target, headers: { host: this.host, ...headers }, body, at });
    return callAt('127.0.0.1', this.port, { method, path: target, body, headers: all });
  }

  invoke(name: string, event: unknown, options: CallOptions = {}): Promise<Answer> {
    const target = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations${options.query ?? ''}`;
    return this.send(target, { ...options, body: options.body ?? JSON.stringify(event) });
  }

  override close(): void {
    for (const bridge of this.#bridges) bridge.kill();
    super.close();
  }
}

/** Status, kind and words of an error. */
export function errorOf({ status, headers, body }: Answer): [number, string, string] {
  const parsed = JSON.parse(body) as { message?: string; Message?: string };
  return [status, String(headers['x-amzn-errortype']), parsed.message ?? parsed.Message ?? ''];
}
