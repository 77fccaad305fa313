import { dnsLabel } from '../../common/api/dns-label.ts';
import { envValue } from '../../common/api/env-value.ts';
import type { EnvVar } from '../../common/api/meta.ts';
import type { DescribedVariable } from './description.ts';
import type { FunctionNotes } from './notes.ts';
import { textOf } from './tree.ts';

/** Set by the runtime on AWS and on Lull alike; rules.ts refuses them. */
const RESERVED = new Set([
  '_HANDLER',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_EXECUTION_ENV',
  '_X_AMZN_TRACE_ID',
]);
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** Bounds of the Function's schema. */
const MAX_VALUE = 32_768;
const MAX_VARIABLES = 100;
/** A reference that is resolved when a function is deployed: to the Parameter Store, the Secrets Manager, or a NoEcho parameter. */
const REFERENCE = /\{\{resolve:(ssm|ssm-secure|secretsmanager|parameter):([^{}]+)\}\}/;

/** A template's variables as spec.env of the function `fn`; what cannot be one is left out and noted. */
export function environment(variables: readonly DescribedVariable[], fn: string, notes: FunctionNotes): EnvVar[] {
  const env: EnvVar[] = [];
  for (const variable of variables) {
    const made = environmentVariable(variable, fn, notes);
    if (!made) continue;
    if (env.length < MAX_VARIABLES) env.push(made);
    else
      notes.lost(
        variable.value.line,
        `env ${variable.name}`,
        `more than ${MAX_VARIABLES} variables: put this one in a file of the code, or into another`,
      );
  }
  return env;
}

function environmentVariable({ name, value: tree }: DescribedVariable, fn: string, notes: FunctionNotes): EnvVar | undefined {
  const what = `env ${name}`;
  const { line } = tree;
  if (!NAME.test(name) || RESERVED.has(name) || name.startsWith('LULL_')) {
    notes.lost(line, what, 'the name is reserved, or is none that a container takes: choose another, in the code too');
    return undefined;
  }
  if (tree.kind === 'unknown') {
    notes.lost(line, what, `left out: ${tree.why}; its value can also be written to spec.env by hand`);
    return undefined;
  }
  const value = textOf(tree) ?? (tree.kind === 'scalar' ? '' : undefined);
  if (value === undefined) {
    notes.lost(line, what, 'left out: it is no text; write it to spec.env as one');
    return undefined;
  }
  const reference = REFERENCE.exec(value);
  if (reference) return secret(name, value, reference, line, fn, notes);
  if (value.length > MAX_VALUE) {
    notes.lost(line, what, `left out: it is longer than ${MAX_VALUE} characters; put it in a file of the code`);
    return undefined;
  }
  return { name, value: envValue(value) };
}

/**
 * `{{resolve:secretsmanager:shop/db:SecretString:password}}` → key "password" of the Secret "shop-db"; `{{resolve:ssm:/shop/key:1}}` → key "value" of the
 * Secret "shop-key". A reference within a longer text needs a Secret of the function's own that holds the whole text.
 */
function secret(name: string, value: string, reference: RegExpExecArray, line: number, fn: string, notes: FunctionNotes): EnvVar {
  const [whole, service = '', address = ''] = reference;
  const isWhole = whole === value;
  const [id = '', , field = ''] = service === 'secretsmanager' ? splitArn(address) : [address.replace(/:[0-9]+$/, '')];
  const secretName = dnsLabel(isWhole ? id : `${fn}-${name}`);
  const key = isWhole && /^[-._a-zA-Z0-9]{1,253}$/.test(field) ? field : 'value';
  const store = { secretsmanager: 'the Secrets Manager', parameter: 'the NoEcho parameter' }[service] ?? 'the Parameter Store';
  const content = isWhole
    ? `what ${store} holds under ${id}${field ? `, ${field}` : ''}`
    : `the whole text ${value}, with its references filled in`;
  notes.lost(
    line,
    `env ${name}`,
    `its value is kept elsewhere: make the Secret that spec.env names, from ${content}: kubectl create secret generic ${secretName} --from-literal=${key}=VALUE`,
  );
  return { name, valueFrom: { secretKeyRef: { name: secretName, key } } };
}

/** The parts of a secret's reference: its name (or the last part of its ARN, without the six random characters), "SecretString", the key. */
function splitArn(address: string): string[] {
  const arn = /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:([^:]*?)(?:-[A-Za-z0-9]{6})?(?::(.*))?$/.exec(address);
  return arn ? [arn[1] ?? '', ...(arn[2] ?? '').split(':')] : address.split(':');
}
