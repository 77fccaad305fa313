import { CLIENT_CONTEXT_FIELD, INVOKE_FIELD, LOG_TYPE_FIELD, QUALIFIER_FIELD } from '../../common/api/names.ts';
import { EVENT_STREAM, eventStream } from '../../common/event-stream.ts';
import { AwsError } from '../../common/lambda-api/aws-error.ts';
import type { ExchangeContext } from '../forward/context.ts';
import { Exchange } from '../forward/exchange.ts';
import type { AnswerExtras, ClientSide } from '../forward/sides.ts';
import type { FunctionState } from '../function-state.ts';
import type { RequestHead, ResponseHead } from '../http1/message.ts';
import { answerAwsError, answerOwn } from './answer.ts';
import { type Circumstances, translateError } from './translate-error.ts';

/** As a connection reads them. */
const PIECE_BYTES = 65_536;
const NOTHING = Buffer.alloc(0);

/** An invocation, ready to go to its function. */
export interface EventInvocation extends Omit<Circumstances, 'timeoutSeconds'> {
  client: ClientSide;
  fn: FunctionState;
  /** The call as it came; of its fields those that speak of a trace go on. */
  head: RequestHead;
  mode: 'RequestResponse' | 'ResponseStream';
  tail: boolean;
  /** What the caller named the function with besides; undefined when nothing. */
  qualifier: string | undefined;
  /** As clientContext() has it. */
  clientContext: string | undefined;
}

/**
 * An event on its way to a handler, by the ordinary way of every request: it stands as the client of an exchange, hands it the event as fast as the pod takes it,
 * and puts what Lull itself has to say into AWS's words. The handler's answer is AWS's already (images/runtime/raw-exchange.ts) and passes as it is.
 */
export class EventExchange implements ClientSide {
  readonly address: string;
  readonly encrypted: boolean;
  readonly openedAt = Number.POSITIVE_INFINITY;
  readonly exchange: Exchange;
  readonly #invocation: EventInvocation;
  readonly #context: ExchangeContext;
  #body: Buffer;
  #sending = false;
  #bodyEnded = false;
  /** The code of what is answered in the pod's place. */
  #error: string | undefined;

  /** @param body the event; its bytes are counted as kept until they are handed on */
  constructor(invocation: EventInvocation, body: Buffer, context: ExchangeContext) {
    const { client, fn, requestId, head } = invocation;
    this.address = client.address;
    this.encrypted = client.encrypted;
    this.#invocation = invocation;
    this.#context = context;
    this.#body = body;
    const target = `/2015-03-31/functions/${fn.name}/invocations`;
    const request: RequestHead = {
      ...head,
      method: 'POST',
      target,
      host: `${fn.name}.${fn.namespace}`,
      fields: fieldsOf(invocation),
      forwarded: [],
      bodyLength: body.length,
      acceptsTrailers: false,
      expectsContinue: false,
      upgrade: undefined,
      isGrpc: false,
    };
    this.exchange = new Exchange(this, request, fn, { key: fn.key, target, isEvent: true }, requestId, context);
  }

  begin(): void {
    this.#send();
    this.exchange.admit();
  }

  clientLeft(): void {
    this.#forget();
    this.exchange.clientLeft();
  }

  /** Hands over the event until the exchange has enough for now; `resumeBody` goes on. */
  #send(): void {
    if (this.#sending || this.#bodyEnded) return;
    this.#sending = true;
    for (let room = true; room && this.#body.length > 0; ) {
      const piece = this.#body.subarray(0, PIECE_BYTES);
      this.#body = this.#body.subarray(PIECE_BYTES);
      this.#context.keptBytes.add(-piece.length);
      room = this.exchange.bodyData(piece);
    }
    this.#sending = false;
    if (this.#body.length > 0) return;
    this.#bodyEnded = true;
    this.exchange.bodyEnd(undefined);
  }

  /** What is left of the event is not wanted any longer. */
  #forget(): void {
    this.#bodyEnded = true;
    this.#context.keptBytes.add(-this.#body.length);
    this.#body = NOTHING;
  }

  // The exchange's client.

  answer(head: ResponseHead, extras: AnswerExtras): void {
    this.#error = ownErrorOf(head);
    if (this.#error === undefined) this.#invocation.client.answer(head, extras, false);
  }

  answerData(chunk: Buffer): boolean {
    return this.#error === undefined ? this.#invocation.client.answerData(chunk) : true;
  }

  flush(): boolean {
    return this.#error === undefined ? this.#invocation.client.flush() : true;
  }

  answerEnd(trailers: string[] | undefined): void {
    const { client, requestId, fn, mode } = this.#invocation;
    this.#forget();
    if (this.#error === undefined) {
      client.answerEnd(trailers);
      return;
    }
    const { pod } = this.exchange;
    const timeoutSeconds = pod ? fn.timeoutMillis(pod) / 1000 : fn.spec.timeoutSeconds;
    const error = translateError(this.#error, { ...this.#invocation, timeoutSeconds, codeProblem: fn.codeProblem });
    if (error instanceof AwsError) answerAwsError(client, error, requestId, false);
    else if (mode === 'ResponseStream') {
      const body = eventStream(Buffer.alloc(0), Buffer.from(JSON.stringify(error)), undefined);
      answerOwn(client, { status: 200, body, contentType: EVENT_STREAM, fields: EXECUTED, requestId });
    } else
      answerOwn(client, {
        status: 200,
        body: JSON.stringify(error),
        fields: ['X-Amz-Function-Error', 'Unhandled', ...EXECUTED],
        requestId,
      });
  }

  abort(): void {
    this.#forget();
    this.#invocation.client.abort();
  }

  pauseBody(): void {
    // It is not read but handed over.
  }

  resumeBody(): void {
    this.#send();
  }

  leave(): void {
    // Whoever calls Lambda's API stays with it.
  }

  informational(): void {
    // AWS sends none.
  }

  turnOver(): void {
    this.abort();
  }

  finishTurnedOver(): void {
    this.abort();
  }
}

const EXECUTED = ['X-Amz-Executed-Version', '$LATEST'];

function fieldsOf({ head, mode, tail, qualifier, clientContext }: EventInvocation): string[] {
  const fields = ['Content-Type', 'application/json', INVOKE_FIELD, mode];
  if (tail) fields.push(LOG_TYPE_FIELD, 'Tail');
  if (qualifier !== undefined) fields.push(QUALIFIER_FIELD, qualifier);
  if (clientContext !== undefined) fields.push(CLIENT_CONTEXT_FIELD, clientContext);
  for (let i = 0; i < head.fields.length; i += 2) {
    const name = (head.fields[i] as string).toLowerCase();
    if (name === 'x-amzn-trace-id' || name === 'traceparent' || name === 'tracestate')
      fields.push(head.fields[i] as string, head.fields[i + 1] as string);
  }
  return fields;
}

/** What an answer is that is not the handler's: an error of Lull's (X-Lull-Error), or of a bridge older than this activator, which knows no events. */
function ownErrorOf({ fields }: ResponseHead): string | undefined {
  let isAws = false;
  for (let i = 0; i < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase();
    if (name === 'x-lull-error') return fields[i + 1] as string;
    if (name === 'x-amz-executed-version') isAws = true;
  }
  return isAws ? undefined : 'NotAnEvent';
}
