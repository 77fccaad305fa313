import { createHash } from 'node:crypto';

/** Shorter than Kubernetes' 63: Deployments are named NAME-REVISION, and the pods' labels carry that name. */
export const MAX_NAME = 50;

/** Of the digest, so that names which differ at their end only, as CloudFormation's do, stay apart when they are cut. */
const DIGEST_LENGTH = 8;

/** A DNS label of at most 50 characters that begins with a letter: what a function of AWS's is called here. "HelloWorldFunction" → "hello-world-function" */
export function dnsLabel(text: string): string {
  const words = text
    .slice(0, 1000)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const label = words.join('-') || 'function';
  const name = /^[a-z]/.test(label) ? label : `fn-${label}`;
  if (name.length <= MAX_NAME) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH);
  return `${name.slice(0, MAX_NAME - 1 - DIGEST_LENGTH).replace(/-+$/, '')}-${digest}`;
}
