import type { AwsErrorCode } from '../../common/lambda-api/aws-error.ts';
import { AwsError } from '../../common/lambda-api/aws-error.ts';
import type { ExchangeContext } from '../forward/context.ts';
import { Exchange } from '../forward/exchange.ts';
import type { AnswerExtras, ClientSide, RequestSink } from '../forward/sides.ts';
import { type FunctionContext, FunctionState } from '../function-state.ts';
import type { RequestHead, ResponseHead } from '../http1/message.ts';
import { Pod } from '../pods/pod.ts';
import { answerAwsError } from './answer.ts';

/** A manager that cannot be reached for so long is told to be away; clients try again by themselves. */
const HOLD_MILLIS = 10_000;
/** As long as an upload of 70 MB may take. */
const TIMEOUT_SECONDS = 900;
const REVISION = 'manager';

export interface ManagerOptions {
  host: string;
  port: number;
  /** What functions' states stand on: the clock and the bounds of what waits are shared. */
  functions: FunctionContext;
}

/**
 * The way to lull-manager, which makes and changes functions: its calls pass through here as any request passes to a function, streamed, neither read nor kept
 * (docs/adr/0016). The manager checks signatures itself, so nothing that this activator says has to be believed.
 */
export class Manager {
  readonly fn: FunctionState;

  constructor({ host, port, functions }: ManagerOptions) {
    this.fn = new FunctionState(
      {
        apiVersion: 'lull.dev/v1alpha1',
        kind: 'Function',
        // No name that an object may have: it is in no table.
        metadata: { name: '(manager)', namespace: '' },
        spec: { protocol: 'http', code: { image: '-' }, timeoutSeconds: TIMEOUT_SECONDS },
        status: { activeRevision: REVISION },
      },
      { ...functions, wanting: () => undefined, podAdded: () => undefined, podsChanged: () => undefined, slotFreed: () => undefined },
    );
    const pod = new Pod({ name: REVISION, revision: REVISION, ip: host, port }, 0, functions.clock, () => this.pump());
    pod.apiReady = true;
    pod.listens();
    this.fn.pods.set(pod.name, pod);
  }

  /** A call is sent on its way as it comes. */
  begin(
    client: ClientSide,
    head: RequestHead,
    requestId: string,
    api: { context: ExchangeContext; refused(code: AwsErrorCode): void },
  ): RequestSink {
    const context = { ...api.context, holdMillis: Math.min(HOLD_MILLIS, api.context.holdMillis) };
    // Signed as the client has sent it; a request id of the client's own is part of that.
    const id = head.requestId ?? requestId;
    const route = { key: this.fn.key, target: head.target };
    return new Exchange(new AwsWords(client, requestId, api.refused), head, this.fn, route, id, context);
  }

  /** Calls that wait since no connection could be made: tried again. */
  pump(): void {
    if (this.fn.queue.length > 0) this.fn.pump();
  }

  close(): void {
    for (const pod of this.fn.pods.values()) pod.close();
  }
}

/** The client of such a call: what is Lull's own to say, it is told in AWS's words. */
class AwsWords implements ClientSide {
  readonly address: string;
  readonly encrypted: boolean;
  readonly openedAt: number;
  readonly #client: ClientSide;
  readonly #requestId: string;
  readonly #refused: (code: AwsErrorCode) => void;
  #error: { code: string; close: boolean } | undefined;

  constructor(client: ClientSide, requestId: string, refused: (code: AwsErrorCode) => void) {
    this.#client = client;
    this.#requestId = requestId;
    this.#refused = refused;
    this.address = client.address;
    this.encrypted = client.encrypted;
    this.openedAt = client.openedAt;
  }

  answer(head: ResponseHead, extras: AnswerExtras, close: boolean): void {
    const at = head.fields.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'x-lull-error');
    if (at < 0) this.#client.answer(head, extras, close);
    else this.#error = { code: head.fields[at + 1] as string, close };
  }

  answerData(chunk: Buffer): boolean {
    return this.#error ? true : this.#client.answerData(chunk);
  }

  flush(): boolean {
    return this.#error ? true : this.#client.flush();
  }

  answerEnd(trailers: string[] | undefined): void {
    if (!this.#error) {
      this.#client.answerEnd(trailers);
      return;
    }
    const { code, close } = this.#error;
    const error =
      code === 'TooManyHeld'
        ? new AwsError('TooManyRequestsException', 'Rate Exceeded.', 'CallerRateLimitExceeded')
        : new AwsError(
            'ServiceException',
            `lull-manager, which makes and changes functions, does not answer (${code}): try again; see its Deployment.`,
          );
    this.#refused(error.code);
    answerAwsError(this.#client, error, this.#requestId, close);
  }

  informational(head: ResponseHead): void {
    this.#client.informational(head);
  }

  leave(): void {
    this.#client.leave();
  }

  abort(): void {
    this.#client.abort();
  }

  pauseBody(): void {
    this.#client.pauseBody();
  }

  resumeBody(): void {
    this.#client.resumeBody();
  }

  turnOver(head: ResponseHead, extras: AnswerExtras): void {
    this.#client.turnOver(head, extras);
  }

  finishTurnedOver(): void {
    this.#client.finishTurnedOver();
  }
}
