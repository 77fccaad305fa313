import { AwsError } from './aws-error.ts';

/** A function as a call names it. */
export interface FunctionName {
  name: string;
  /** Undefined where the name is a bare one: then it is the key's own. */
  namespace: string | undefined;
  /** $LATEST, or what was asked for instead. */
  qualifier: string;
  /** Whether one was asked for: then ARNs that are told have it. */
  qualified: boolean;
}

/**
 * NAME, ACCOUNT:function:NAME, arn:aws:lambda:REGION:ACCOUNT:function:NAME, each with :QUALIFIER if wanted. Where AWS has a name Lull takes NAME.NAMESPACE, too,
 * which no function of AWS's can be called. Regions and accounts are not looked at: the key says where.
 */
const FORM =
  /^(?:(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:)?\d{12}:function:)?([A-Za-z0-9_-]+)(?:\.([a-z0-9](?:[-a-z0-9]*[a-z0-9])?))?(?::(\$LATEST|[A-Za-z0-9_-]+))?$/;
/** AWS's, of a whole ARN; there are namespaces besides. */
const MAX_LENGTH = 256;
/** AWS's, of the name. */
const MAX_NAME_LENGTH = 64;

/**
 * Reads a name as the path of a call has it, percent-encoding taken off. Throws AwsError.
 *
 * functionName('arn:aws:lambda:eu-west-1:123456789012:function:orders:$LATEST', undefined) → {name: 'orders', namespace: undefined, qualifier: '$LATEST', qualified: true}
 */
export function functionName(text: string, qualifier: string | undefined): FunctionName {
  // What AWS's console and some scripts leave out: "function:NAME".
  const match = text.length > MAX_LENGTH ? null : FORM.exec(text.startsWith('function:') ? text.slice('function:'.length) : text);
  if (!match)
    throw new AwsError(
      'InvalidParameterValueException',
      `1 validation error detected: Value '${text.slice(0, MAX_LENGTH)}' at 'functionName' failed to satisfy constraint: Member must be NAME, NAME.NAMESPACE, ACCOUNT:function:NAME or arn:aws:lambda:REGION:ACCOUNT:function:NAME, and may end with :QUALIFIER`,
    );
  const [, name = '', namespace, own] = match;
  if (name.length > MAX_NAME_LENGTH)
    throw new AwsError(
      'InvalidParameterValueException',
      `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${MAX_NAME_LENGTH}`,
    );
  if (own !== undefined && qualifier !== undefined && qualifier !== '' && own !== qualifier)
    throw new AwsError(
      'InvalidParameterValueException',
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  const asked = own ?? (qualifier || undefined);
  return { name, namespace, qualifier: asked ?? '$LATEST', qualified: asked !== undefined };
}

/** The ARN by which AWS's errors and configurations name a function. @param name NAME, or NAME.NAMESPACE where it is not the key's own namespace */
export function functionArn(region: string, name: string): string {
  return `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`;
}

/** There are no accounts: the one that the pods' own ARNs have. */
const ACCOUNT = '000000000000';
