import type { OwnerReference } from '../../common/api/meta.ts';
import { API_VERSION } from '../../common/api/names.ts';
import type { LullWarmPool } from '../../common/api/warm-pool.ts';

/** What is free goes with its pool. Nothing waits for its deletion, so no right on finalizers is needed. */
export function poolOwner({ metadata: { name, uid = '' } }: LullWarmPool): OwnerReference {
  return { apiVersion: API_VERSION, kind: 'WarmPool', name, uid, controller: true };
}
