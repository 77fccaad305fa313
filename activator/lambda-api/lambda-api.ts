import { randomUUID } from 'node:crypto';
import { isCalled } from '../../common/lambda-api/annotations.ts';
import type { Authentication, Claim } from '../../common/lambda-api/authentication.ts';
import type { AwsErrorCode } from '../../common/lambda-api/aws-error.ts';
import { Caller, notFound } from '../../common/lambda-api/caller.ts';
import { invokes, type Operation, operationOf } from '../../common/lambda-api/operation.ts';
import { reads, type Seen } from '../../common/lambda-api/read-operations.ts';
import { pathOf } from '../../common/path-of.ts';
import type { ExchangeContext } from '../forward/context.ts';
import type { ClientSide, RequestSink } from '../forward/sides.ts';
import type { FunctionState } from '../function-state.ts';
import type { FunctionTable } from '../function-table.ts';
import type { RequestHead } from '../http1/message.ts';
import { LambdaCall } from './lambda-call.ts';
import type { Manager } from './manager.ts';

export interface LambdaApiOptions {
  table: () => FunctionTable;
  context: ExchangeContext;
  /** Undefined when anybody may do anything: for demonstrations. */
  authentication: Authentication | undefined;
  /** Who makes, changes and reads functions; undefined when that is not served. */
  manager: Manager | undefined;
  /** A call was refused. */
  refused: (code: AwsErrorCode) => void;
}

/** A function that is there, and that the caller may have to do with. */
export interface Found extends Seen {
  fn: FunctionState;
}

/** Lambda's HTTP API: what AWS's SDKs and CLI say to an --endpoint-url. */
export class LambdaApi {
  readonly context: ExchangeContext;
  readonly authentication: Authentication | undefined;
  readonly refused: (code: AwsErrorCode) => void;
  /** Calls whose body is still being read. */
  reading = 0;
  readonly #table: () => FunctionTable;
  readonly #manager: Manager | undefined;

  constructor({ table, context, authentication, manager, refused }: LambdaApiOptions) {
    this.#table = table;
    this.context = context;
    this.authentication = authentication;
    this.#manager = manager;
    this.refused = refused;
  }

  /** A call has come, its body not read yet. */
  begin(client: ClientSide, head: RequestHead): RequestSink {
    const operation = operationOf(head.method, pathOf(head.target));
    const requestId = randomUUID();
    // The manager asks for a key in any case; where nobody needs one, what is read is read here.
    const isOwn = !operation || invokes(operation) || (!this.authentication && reads(operation));
    if (this.#manager && !isOwn) return this.#manager.begin(client, head, requestId, this);
    return new LambdaCall(client, head, operation, requestId, this);
  }

  /** The function that a call names. Throws AwsError: whoever may not have to do with it is told nothing about it, not even whether it is there. */
  find(operation: Operation, qualifier: string | undefined, claim: Claim | undefined): Found {
    const meant = new Caller(claim).means(operation, operation.functionName ?? '', qualifier);
    const fn = meant.qualifier === '$LATEST' ? this.#table().get(`${meant.namespace}/${meant.name}`) : undefined;
    if (!fn || !isCalled(fn.object.metadata, meant.bare)) throw notFound(meant);
    return { fn, object: fn.object, around: surroundings(fn), meant };
  }

  /** Every function with a handler that the caller may have to do with, by name. */
  list(caller: Caller): Omit<Seen, 'meant'>[] {
    const found: (Omit<Seen, 'meant'> & { name: string })[] = [];
    for (const fn of this.#table().values()) {
      const { object } = fn;
      if (fn.spec.protocol === 'lambda' && caller.maySee(object))
        found.push({ object, around: surroundings(fn), name: caller.nameOf(object) });
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** What its newest Deployment was made with: the Function's own limits, its Runtime's, or Lull's. */
function surroundings(fn: FunctionState): Seen['around'] {
  return { limits: fn.revisions.get(fn.object.status?.latestRevision ?? '')?.limits };
}
