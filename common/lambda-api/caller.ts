import type { LullFunction } from '../api/function.ts';
import { lambdaName, objectName } from './annotations.ts';
import type { Claim } from './authentication.ts';
import { AwsError } from './aws-error.ts';
import { functionArn, functionName } from './function-name.ts';
import type { Operation } from './operation.ts';

/** A function as a call means it, whether it is there or not. */
export interface Meant {
  namespace: string;
  /** Of the Function object. */
  name: string;
  /** As the caller wrote it, without namespace and qualifier. */
  bare: string;
  /** As the caller wrote it, without qualifier: MyFunction, or MyFunction.NAMESPACE where it is not the key's own namespace. */
  given: string;
  qualifier: string;
  /** Whether one was given. */
  qualified: boolean;
  /** With the qualifier, where one was given. */
  arn: string;
}

/** Who calls, and what that makes of names: the key says in which namespace a bare one is. Undefined claim: anybody, who may do anything. */
export class Caller {
  readonly claim: Claim | undefined;

  constructor(claim: Claim | undefined) {
    this.claim = claim;
  }

  /** The region that the caller has in mind: any will do. */
  get region(): string {
    return this.claim?.signature.region ?? 'us-east-1';
  }

  get ownNamespace(): string {
    return this.claim?.key.defaultNamespace ?? 'default';
  }

  /** What a call means. Throws AwsError: for a name that is none, and to whoever may not have to do with the function, whether it is there or not. */
  means(operation: Operation, text: string, qualifier: string | undefined): Meant {
    const parsed = functionName(text, qualifier);
    const namespace = parsed.namespace ?? this.ownNamespace;
    const given = this.#shown(parsed.name, namespace);
    const name = objectName(parsed.name);
    const bareArn = functionArn(this.region, given);
    if (this.claim && !(this.claim.key.allowsAction(operation.action) && this.claim.key.allowsFunction(namespace, name)))
      throw denied(this.claim, operation.action, bareArn);
    const { qualifier: asked, qualified } = parsed;
    const arn = qualified ? `${bareArn}:${asked}` : bareArn;
    return { namespace, name, bare: parsed.name, given, qualifier: asked, qualified, arn };
  }

  /** Throws AwsError when the caller's key is not good for an operation that is about no single function. */
  authorize({ action }: Operation): void {
    if (this.claim && !this.claim.key.allowsAction(action)) throw denied(this.claim, action, '*');
  }

  maySee({ metadata }: LullFunction): boolean {
    return this.claim?.key.allowsFunction(metadata.namespace ?? 'default', metadata.name) ?? true;
  }

  /** What the caller may call it: NAME, or NAME.NAMESPACE where it is not the key's own namespace. */
  nameOf({ metadata }: LullFunction): string {
    return this.#shown(lambdaName(metadata), metadata.namespace ?? 'default');
  }

  #shown(name: string, namespace: string): string {
    return namespace === this.ownNamespace ? name : `${name}.${namespace}`;
  }
}

export function notFound({ arn, qualifier }: Pick<Meant, 'arn' | 'qualifier'>): AwsError {
  return new AwsError('ResourceNotFoundException', `Function not found: ${qualifier === '$LATEST' ? arn.replace(/:\$LATEST$/, '') : arn}`);
}

function denied({ key }: Claim, action: string, arn: string): AwsError {
  const user = `arn:aws:iam::000000000000:user/${key.id}`;
  return new AwsError(
    'AccessDeniedException',
    `User: ${user} is not authorized to perform: ${action} on resource: ${arn} because no identity-based policy allows the ${action} action`,
  );
}
