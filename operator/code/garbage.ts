import type { LullFunction } from '../../common/api/function.ts';
import { type StoredBlob, storedDigest } from '../../common/api/store.ts';
import type { Deployment, Job } from '../function/objects.ts';

/** A blob may be on its way to being referred to for so long: put into the store, not yet in any status. */
const GRACE_MILLIS = 3_600_000;

/**
 * Digests of blobs that nothing refers to; pure. What refers: a Function's status.code; store:/// in a Function's spec, from which a bundle that is lost is made again;
 * a Deployment, whose pods may come up at any time; a Job, which reads inline code from there.
 */
export function garbage(
  blobs: readonly StoredBlob[],
  functions: readonly LullFunction[],
  deployments: readonly Deployment[],
  jobs: readonly Job[],
  now: number,
): string[] {
  const used = new Set<string>();
  for (const { spec, status } of functions) {
    for (const { digest } of status?.code ?? []) used.add(digest);
    for (const source of [spec.code, ...(spec.layers ?? [])]) {
      const stored = storedDigest(source.archive?.url ?? '');
      if (stored !== undefined) used.add(stored);
    }
  }
  for (const { spec } of deployments) {
    for (const { env } of spec.template.spec.containers) {
      const bundles = env.find(({ name }) => name === 'LULL_BUNDLES')?.value ?? '';
      for (const [digest] of bundles.matchAll(/[0-9a-f]{64}/g)) used.add(digest);
    }
  }
  for (const [, digest] of JSON.stringify(jobs).matchAll(/store:\/\/\/([0-9a-f]{64})/g)) used.add(digest as string);
  return blobs.filter(({ digest, createdAt }) => !used.has(digest) && now - createdAt >= GRACE_MILLIS).map(({ digest }) => digest);
}
