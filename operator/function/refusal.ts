import { KubeError } from '../../common/kube/kube-error.ts';

/** A condition's message has 4096 characters at most. */
const MAX_CHARACTERS = 1000;

/**
 * What the API server says when it does not want an object: quota, Pod Security, a webhook that refuses or is away (500), a missing right, a namespace that ends. It would say the same of the next
 * one. Undefined for what passes by itself: too many requests, a conflict, no answer, an API server that is not ready.
 */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof KubeError) || ![400, 403, 404, 413, 422, 500].includes(error.code)) return undefined;
  return (error.status?.message ?? error.message).slice(0, MAX_CHARACTERS);
}
