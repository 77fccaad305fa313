import type { LullFunction } from '../../common/api/function.ts';
import type { OwnerReference } from '../../common/api/meta.ts';
import { API_VERSION } from '../../common/api/names.ts';

/** What a Function owns goes with it. */
export function owner(fn: LullFunction): OwnerReference {
  return {
    apiVersion: API_VERSION,
    kind: 'Function',
    name: fn.metadata.name,
    uid: fn.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}
