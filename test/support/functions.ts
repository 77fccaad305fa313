import { getJson, kubectl } from './kubectl.ts';
import { until } from './wait.ts';

/** A Function manifest of a Python handler given as source. */
export function pythonFunction(name: string, namespace: string, source: string, spec: Record<string, unknown> = {}): object {
  return lullFunction(name, namespace, {
    runtime: 'python3.11',
    handler: 'lambda_function.lambda_handler',
    code: { inline: { 'lambda_function.py': source } },
    ...spec,
  });
}

/** A Function manifest of a Node handler given as source. */
export function nodeFunction(name: string, namespace: string, source: string, spec: Record<string, unknown> = {}): object {
  return lullFunction(name, namespace, {
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    code: { inline: { 'index.mjs': source } },
    ...spec,
  });
}

export function lullFunction(name: string, namespace: string, spec: Record<string, unknown>): object {
  return { apiVersion: 'lull.dev/v1alpha1', kind: 'Function', metadata: { name, namespace }, spec };
}

interface PodList {
  items: { metadata: { name: string; deletionTimestamp?: string } }[];
}

/** All pods of a function that exist, terminating ones too. */
export async function podsOf(name: string, namespace: string): Promise<PodList['items']> {
  return (await getJson<PodList>(['pods', '-n', namespace, '-l', `lull.dev/function=${name}`])).items;
}

/** Waits until the function has no pod left, not even a terminating one. */
export function untilNoPods(name: string, namespace: string, timeoutMillis = 90_000): Promise<true> {
  return until(
    `no pod of ${namespace}/${name}`,
    async () => ((await podsOf(name, namespace)).length === 0 ? true : undefined),
    timeoutMillis,
    200,
  );
}

/** Waits until the operator has made a revision of the newest spec and it is the one that serves. */
export function untilReady(name: string, namespace: string, timeoutMillis = 30_000): Promise<LullFunctionView> {
  return until(
    `${namespace}/${name} Ready`,
    async () => {
      const fn = await getJson<LullFunctionView>(['fn', name, '-n', namespace]);
      const ready = fn.status?.conditions?.find(({ type }) => type === 'Ready');
      const current = fn.status?.observedGeneration === fn.metadata.generation && fn.status?.activeRevision === fn.status?.latestRevision;
      return current && ready?.status === 'True' ? fn : undefined;
    },
    timeoutMillis,
    100,
  );
}

export interface LullFunctionView {
  metadata: { name: string; generation: number };
  spec: Record<string, unknown>;
  status?: {
    observedGeneration?: number;
    activeRevision?: string;
    latestRevision?: string;
    url?: string;
    replicas?: number;
    conditions?: { type: string; status: string; reason: string; message: string }[];
    scale?: { desired: number; reason: string };
  };
}

/** Makes a namespace for a test file, under restricted Pod Security; deleting it is the file's last act. One of that name that is still ending is waited for. */
export async function withNamespace(name: string): Promise<void> {
  await until(
    `namespace ${name}`,
    async () => {
      await kubectl(['create', 'namespace', name]);
      return (await getJson<{ status: { phase: string } }>(['namespace', name])).status.phase === 'Active';
    },
    120_000,
    500,
  );
  await kubectl(['label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted', '--overwrite']);
}
