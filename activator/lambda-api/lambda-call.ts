import { createHash } from 'node:crypto';
import type { Claim } from '../../common/lambda-api/authentication.ts';
import { AwsError } from '../../common/lambda-api/aws-error.ts';
import { Caller } from '../../common/lambda-api/caller.ts';
import { notImplemented } from '../../common/lambda-api/not-implemented.ts';
import type { Operation } from '../../common/lambda-api/operation.ts';
import { readOperation } from '../../common/lambda-api/read-operations.ts';
import { pathOf } from '../../common/path-of.ts';
import type { ClientSide, RequestSink } from '../forward/sides.ts';
import type { ProtocolError, RequestHead } from '../http1/message.ts';
import { Rest } from '../http1/rest.ts';
import { answerAwsError, answerOwn } from './answer.ts';
import { callHead } from './call-head.ts';
import { clientContext } from './client-context.ts';
import { EventExchange } from './event-exchange.ts';
import type { Found, LambdaApi } from './lambda-api.ts';
import { MAX_PAYLOAD_BYTES, requestTooLarge } from './translate-error.ts';

/** Of the body of a call that is refused so much is read away, so that the client hears why; then the connection closes. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/** One call of Lambda's API: read whole, since the signature covers the body; checked; then answered, or sent on its way as an event. */
export class LambdaCall implements RequestSink {
  readonly #client: ClientSide;
  readonly #head: RequestHead;
  readonly #api: LambdaApi;
  readonly #operation: Operation | undefined;
  readonly #requestId: string;
  readonly #query: URLSearchParams;
  readonly #hash = createHash('sha256');
  #claim: Claim | undefined;
  /** Why it is refused, once that is known; said when the body has been read away. */
  #error: AwsError | undefined;
  /** In one piece: a client that sends single bytes must not cost an object for each. */
  readonly #body = new Rest();
  #keptBytes = 0;
  #bytes = 0;
  #done = false;
  #event: EventExchange | undefined;

  constructor(client: ClientSide, head: RequestHead, operation: Operation | undefined, requestId: string, api: LambdaApi) {
    this.#client = client;
    this.#head = head;
    this.#operation = operation;
    this.#requestId = requestId;
    this.#api = api;
    this.#query = new URLSearchParams(head.target.slice(pathOf(head.target).length + 1));
    api.reading += 1;
    try {
      this.#claim = api.authentication?.claim(callHead(head), client.encrypted);
      if (head.bodyLength > MAX_PAYLOAD_BYTES) throw requestTooLarge();
    } catch (error) {
      this.#refuse(error);
    }
    if (head.expectsContinue) client.informational(CONTINUE);
  }

  // From the client.

  bodyData(chunk: Buffer): boolean {
    if (this.#done) return true;
    this.#bytes += chunk.length;
    if (!this.#error && this.#bytes > MAX_PAYLOAD_BYTES) this.#refuse(requestTooLarge());
    // As everywhere, what came with the head is taken even while the memory for bodies is used up.
    if (!this.#error && this.#bytes > chunk.length && !this.#api.context.keptBytes.hasRoom)
      this.#refuse(new AwsError('TooManyRequestsException', 'Rate Exceeded.', 'CallerRateLimitExceeded'));
    if (this.#error) {
      if (this.#bytes > MAX_UNREAD_BYTES) this.#answerError(this.#error, true);
      return true;
    }
    this.#hash.update(chunk);
    this.#body.append(chunk);
    this.#keptBytes += chunk.length;
    this.#api.context.keptBytes.add(chunk.length);
    return true;
  }

  bodyEnd(): void {
    if (this.#done) return;
    try {
      if (this.#error) throw this.#error;
      if (this.#claim) this.#api.authentication?.check(this.#claim, this.#hash.digest('hex'));
      this.#run();
    } catch (error) {
      this.#refuse(error);
      this.#answerError(this.#error as AwsError, false);
    }
  }

  admit(): void {
    // Everything happens at the body's end.
  }

  clientDrained(): void {
    this.#event?.exchange.clientDrained();
  }

  clientLeft(): void {
    this.#finish();
    this.#event?.clientLeft();
  }

  clientStalled(): void {
    this.#answerError(new AwsError('RequestTimeoutException', 'The request did not come to its end in time.'), true);
  }

  clientBroke(error: ProtocolError): void {
    const isTooLarge = error.code === 'BodyTooLarge';
    this.#answerError(isTooLarge ? requestTooLarge() : new AwsError('InvalidRequestContentException', error.message), true);
  }

  // What it asks for.

  #run(): void {
    const operation = this.#operation;
    if (!operation)
      throw new AwsError(
        'UnknownOperationException',
        `${this.#head.method} ${pathOf(this.#head.target)} is no operation of Lambda's API that Lull knows.`,
      );
    const qualifier = this.#query.get('Qualifier') ?? undefined;
    const find = (): Found => this.#api.find(operation, qualifier, this.#claim);
    if (operation.name === 'Invoke' || operation.name === 'InvokeWithResponseStream') {
      this.#invoke(operation, find());
      return;
    }
    const caller = new Caller(this.#claim);
    caller.authorize(operation);
    const read = readOperation({ operation, query: this.#query, caller, one: find, all: () => this.#api.list(caller) });
    if (!read) throw notImplemented(operation.name);
    this.#answer(read);
  }

  #invoke(operation: Operation, { fn, meant }: Found): void {
    const streams = operation.name === 'InvokeWithResponseStream';
    const type = this.#header('x-amz-invocation-type') || 'RequestResponse';
    if (fn.spec.protocol !== 'lambda')
      throw new AwsError(
        'InvalidParameterValueException',
        `${meant.given} is an HTTP server (spec.protocol: http), which takes HTTP requests and no events: call http://${fn.name}.${fn.namespace} instead.`,
      );
    const context = clientContext(this.#header('x-amz-client-context'));
    if (type === 'DryRun') {
      this.#finish();
      answerOwn(this.#client, { status: 204, body: undefined, requestId: this.#requestId, fields: ['X-Amz-Executed-Version', '$LATEST'] });
      return;
    }
    if (type === 'Event') throw new AwsError('InvalidParameterValueException', NO_QUEUE);
    if (type !== 'RequestResponse')
      throw new AwsError(
        'InvalidParameterValueException',
        `1 validation error detected: Value '${type.slice(0, 64)}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]`,
      );
    const event = new EventExchange(
      {
        client: this.#client,
        fn,
        head: this.#head,
        requestId: this.#requestId,
        arn: meant.arn,
        qualifier: meant.qualified ? meant.qualifier : undefined,
        mode: streams ? 'ResponseStream' : 'RequestResponse',
        tail: this.#header('x-amz-log-type') === 'Tail',
        clientContext: context,
      },
      this.#body.take(),
      this.#api.context,
    );
    this.#event = event;
    // The bytes are the event's from here on.
    this.#keptBytes = 0;
    this.#finish();
    event.begin();
  }

  /** A header of the call; in a presigned one it may stand in the query. */
  #header(name: string): string | undefined {
    const { fields } = this.#head;
    for (let i = 0; i < fields.length; i += 2) if ((fields[i] as string).toLowerCase() === name) return fields[i + 1];
    return undefined;
  }

  // Ends.

  #answer(value: unknown): void {
    this.#finish();
    answerOwn(this.#client, { status: 200, body: JSON.stringify(value), requestId: this.#requestId });
  }

  #refuse(error: unknown): void {
    if (!(error instanceof AwsError)) throw error;
    this.#error = error;
    this.#forget();
  }

  #answerError(error: AwsError, close: boolean): void {
    if (this.#done) return;
    this.#forget();
    this.#finish();
    this.#api.refused(error.code);
    answerAwsError(this.#client, error, this.#requestId, close);
  }

  /** All of it is read, or will not be. */
  #finish(): void {
    if (this.#done) return;
    this.#done = true;
    this.#api.reading -= 1;
    this.#forget();
  }

  #forget(): void {
    this.#body.take();
    this.#api.context.keptBytes.add(-this.#keptBytes);
    this.#keptBytes = 0;
  }
}

const CONTINUE = {
  status: 100,
  reason: 'Continue',
  fields: [],
  contentLength: 0,
  bodyLength: 0,
  hasRequestId: false,
  keepAlive: true,
  keepAliveSeconds: undefined,
};

const NO_QUEUE =
  'X-Amz-Invocation-Type Event is not served yet: it needs a durable queue, and without one the event could be lost. Use RequestResponse.';
