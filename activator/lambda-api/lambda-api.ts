import { randomUUID } from 'node:crypto';
import type { ExchangeContext } from '../forward/context.ts';
import type { ClientSide } from '../forward/sides.ts';
import type { FunctionState } from '../function-state.ts';
import type { FunctionTable } from '../function-table.ts';
import type { RequestHead } from '../http1/message.ts';
import { pathOf } from '../routing/route.ts';
import { type Authentication, type Claim, regionOf } from './authentication.ts';
import { AwsError, type AwsErrorCode } from './aws-error.ts';
import { type FunctionName, functionArn, functionName } from './function-name.ts';
import { LambdaCall } from './lambda-call.ts';
import { type Operation, operationOf } from './operation.ts';

export interface LambdaApiOptions {
  table: () => FunctionTable;
  context: ExchangeContext;
  /** Undefined when anybody may do anything: for demonstrations. */
  authentication: Authentication | undefined;
  /** A call was refused. */
  refused: (code: AwsErrorCode) => void;
}

/** A function that is there, and that the caller may have to do with. */
export interface Found {
  fn: FunctionState;
  /** As the caller may write it: NAME, or NAME.NAMESPACE where it is not the key's own namespace. */
  name: string;
  arn: string;
}

/** Lambda's HTTP API: what AWS's SDKs and CLI say to an --endpoint-url. */
export class LambdaApi {
  readonly context: ExchangeContext;
  readonly authentication: Authentication | undefined;
  readonly refused: (code: AwsErrorCode) => void;
  /** Calls whose body is still being read. */
  reading = 0;
  readonly #table: () => FunctionTable;

  constructor({ table, context, authentication, refused }: LambdaApiOptions) {
    this.#table = table;
    this.context = context;
    this.authentication = authentication;
    this.refused = refused;
  }

  /** A call has come, its body not read yet. */
  begin(client: ClientSide, head: RequestHead): LambdaCall {
    return new LambdaCall(client, head, operationOf(head.method, pathOf(head.target)), randomUUID(), this);
  }

  /** The function that a call names. Throws AwsError: whoever may not have to do with it is told nothing about it, not even whether it is there. */
  find(operation: Operation, qualifier: string | undefined, claim: Claim | undefined): Found {
    const given = functionName(operation.functionName ?? '', qualifier);
    const own = claim?.key.defaultNamespace ?? 'default';
    const namespace = given.namespace ?? own;
    const name = namespace === own ? given.name : `${given.name}.${namespace}`;
    const arn = functionArn(regionOf(claim), name);
    if (claim && !(claim.key.allowsAction(operation.action) && claim.key.allowsFunction(namespace, given.name)))
      throw denied(claim, operation.action, arn);
    const fn = given.qualifier === '$LATEST' ? this.#table().get(`${namespace}/${given.name}`) : undefined;
    if (!fn) throw new AwsError('ResourceNotFoundException', `Function not found: ${qualified(arn, given)}`);
    return { fn, name, arn };
  }

  /** Every function with a handler that the caller may have to do with, by name. */
  list(claim: Claim | undefined): Found[] {
    const own = claim?.key.defaultNamespace ?? 'default';
    const found: Found[] = [];
    for (const fn of this.#table().values()) {
      if (fn.spec.protocol !== 'lambda' || (claim && !claim.key.allowsFunction(fn.namespace, fn.name))) continue;
      const name = fn.namespace === own ? fn.name : `${fn.name}.${fn.namespace}`;
      found.push({ fn, name, arn: functionArn(regionOf(claim), name) });
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws AwsError when the caller's key is not good for an operation that is about no function that there is. */
  authorize({ action }: Operation, claim: Claim | undefined): void {
    if (claim && !claim.key.allowsAction(action)) throw denied(claim, action, '*');
  }
}

function qualified(arn: string, { qualifier }: FunctionName): string {
  return qualifier === '$LATEST' ? arn : `${arn}:${qualifier}`;
}

function denied({ key }: Claim, action: string, arn: string): AwsError {
  const user = `arn:aws:iam::000000000000:user/${key.id}`;
  return new AwsError(
    'AccessDeniedException',
    `User: ${user} is not authorized to perform: ${action} on resource: ${arn} because no identity-based policy allows the ${action} action`,
  );
}
