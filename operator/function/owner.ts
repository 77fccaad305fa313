import type { LullFunction } from '../../common/api/function.ts';
import type { ObjectMeta, OwnerReference } from '../../common/api/meta.ts';
import { API_VERSION } from '../../common/api/names.ts';

/** What a Function owns goes with it. */
export function owner(fn: LullFunction): OwnerReference {
  return ownerOf('Function', fn.metadata);
}

/** The same of Lull's other kinds: lists leave the kind out of their items. */
export function ownerOf(kind: 'Function' | 'WarmPool', { name, uid = '' }: ObjectMeta): OwnerReference {
  return { apiVersion: API_VERSION, kind, name, uid, controller: true, blockOwnerDeletion: true };
}
