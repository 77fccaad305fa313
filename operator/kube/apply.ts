import { isConflict, isNotFound, KubeError } from '../../common/kube/kube-error.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';

interface AnyObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** The kinds that Lull writes and the collections they live in. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  Function: 'functions',
  Runtime: 'runtimes',
  Deployment: 'deployments',
  Job: 'jobs',
  ControllerRevision: 'controllerrevisions',
  Service: 'services',
  NetworkPolicy: 'networkpolicies',
  EndpointSlice: 'endpointslices',
  Pod: 'pods',
  WarmPool: 'warmpools',
  ConfigMap: 'configmaps',
  Lease: 'leases',
  Event: 'events',
};

/** Where an object lives: `/apis/apps/v1/namespaces/NS/deployments/NAME`. Throws for a kind that Lull does not know. */
export function pathOf({ apiVersion, kind, metadata }: AnyObject, subresource?: string): string {
  const collection = COLLECTIONS[kind];
  if (collection === undefined) throw new Error(`operator/kube/apply.ts does not know the kind ${kind}`);
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${group}${namespace}/${collection}/${metadata.name}${subresource ? `/${subresource}` : ''}`;
}

/** Server-side apply; `force` because each field manager of Lull owns whole objects, or subtrees that are nobody else's. */
export async function apply(transport: KubeTransport, object: AnyObject, fieldManager: string, subresource?: string): Promise<unknown> {
  const path = `${pathOf(object, subresource)}?fieldManager=${fieldManager}&force=true`;
  return (await transport.request('PATCH', path, { body: object, contentType: 'application/apply-patch+yaml' })).body;
}

/** Creates; false when it exists already. */
export async function create(transport: KubeTransport, object: AnyObject, fieldManager: string): Promise<boolean> {
  const path = pathOf(object);
  try {
    await transport.request('POST', `${path.slice(0, path.lastIndexOf('/'))}?fieldManager=${fieldManager}`, { body: object });
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}

/** Reads; undefined when there is none. */
export async function read<T>(transport: KubeTransport, object: AnyObject): Promise<T | undefined> {
  try {
    return (await transport.request('GET', pathOf(object))).body as T;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Deletes, and what it owns with it; nothing happens when it is gone already. */
export async function remove(transport: KubeTransport, object: AnyObject): Promise<void> {
  try {
    await transport.request('DELETE', `${pathOf(object)}?propagationPolicy=Background`);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Changes fields of an object as a merge patch; nothing happens when it is gone already. */
export function change(transport: KubeTransport, object: AnyObject, patch: object, fieldManager: string): Promise<void> {
  return patchIfThere(transport, pathOf(object), patch, fieldManager, 'application/merge-patch+json');
}

/** Sets annotations of an object that is somebody else's; nothing happens when it is gone already. */
export function annotate(
  transport: KubeTransport,
  object: AnyObject & { metadata: { annotations: Record<string, string> } },
  fieldManager: string,
): Promise<void> {
  return change(transport, object, { metadata: { annotations: object.metadata.annotations } }, fieldManager);
}

/** Patches pods/resize (Kubernetes 1.33 or later); nothing happens when there is no such thing, or no such pod. */
export function resize(transport: KubeTransport, pod: AnyObject, patch: object, fieldManager: string): Promise<void> {
  return patchIfThere(transport, pathOf(pod, 'resize'), patch, fieldManager, 'application/strategic-merge-patch+json');
}

async function patchIfThere(
  transport: KubeTransport,
  path: string,
  body: object,
  fieldManager: string,
  contentType: string,
): Promise<void> {
  try {
    await transport.request('PATCH', `${path}?fieldManager=${fieldManager}`, { body, contentType });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Writes deployments/scale if it still is `from`; false when it is not. At 0 the API server leaves `replicas` out (docs/adr/0002). */
export async function scale(transport: KubeTransport, namespace: string, name: string, from: number, to: number): Promise<boolean> {
  const path = `${pathOf({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } }, 'scale')}?fieldManager=lull-scale`;
  const body = [
    { op: 'test', path: '/spec/replicas', value: from === 0 ? null : from },
    { op: 'add', path: '/spec/replicas', value: to },
  ];
  try {
    await transport.request('PATCH', path, { body, contentType: 'application/json-patch+json' });
    return true;
  } catch (error) {
    if (error instanceof KubeError && (error.code === 422 || error.code === 404)) return false;
    throw error;
  }
}
