import { dnsLabel, MAX_NAME } from '../api/dns-label.ts';
import type { ObjectMeta } from '../api/meta.ts';

// What Lambda's API knows of a function and Function has no field for.

export const DESCRIPTION_ANNOTATION = 'kubernetes.io/description';
/** "SHA256 BYTES" of the zip file that was uploaded. */
export const CODE_SIZE_ANNOTATION = 'lull.dev/code-size';
/** AWS's tags, JSON: labels take neither their keys nor their values. */
export const TAGS_ANNOTATION = 'lull.dev/tags';
/** The concurrency was set by PutFunctionConcurrency; how much it is stands in spec. */
export const RESERVED_ANNOTATION = 'lull.dev/reserved-concurrency';
/** The role that a call named: told again, and without effect. */
export const ROLE_ANNOTATION = 'lull.dev/role';
/** The name that the function has at AWS, when that is none that Kubernetes takes. */
export const LAMBDA_NAME_ANNOTATION = 'lull.dev/lambda-name';

const OBJECT_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** What a function of that name is called in Kubernetes: as it is where that is possible, else as `lull import` names it. */
export function objectName(name: string): string {
  return name.length <= MAX_NAME && OBJECT_NAME.test(name) ? name : dnsLabel(name);
}

/** What the function is called at AWS, and by its own handler. */
export function lambdaName({ name, annotations }: Pick<ObjectMeta, 'name' | 'annotations'>): string {
  const own = annotations?.[LAMBDA_NAME_ANNOTATION];
  return own !== undefined && objectName(own) === name ? own : name;
}

/** Whether a caller who says `given` means this function: one that was made as MyFunction is not my_function, though both are my-function in Kubernetes. */
export function isCalled(metadata: Pick<ObjectMeta, 'name' | 'annotations'>, given: string): boolean {
  const called = lambdaName(metadata);
  return called === metadata.name || given === called || given === metadata.name;
}
