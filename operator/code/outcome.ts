import type { ImageFacts } from '../../common/api/code.ts';
import type { ContainerStatus, Job, Pod } from '../function/objects.ts';
import { TTL_SECONDS } from './fetch-job.ts';

/** What became of a fetch. */
export type Outcome =
  | { kind: 'running'; message: string }
  | { kind: 'fetched'; digest: string; bytes: number; unpackedBytes: number; commit?: string; image?: ImageFacts }
  /** `final` when it is not tried again before the Job's time is over. */
  | { kind: 'failed'; code: string; message: string; final: boolean };

/** A fetcher's sentence, and what is not the fetcher's: the last lines of a build. */
interface Told {
  code: string;
  message: string;
}

/** Waiting reasons of the kubelet that do not pass by themselves, and the remedy. */
const REMEDIES: Readonly<Record<string, string>> = {
  ErrImagePull: 'the image cannot be pulled',
  ImagePullBackOff: 'the image cannot be pulled',
  ErrImageNeverPull: 'the image is not on the node and may not be pulled',
  InvalidImageName: 'the image has a name that cannot be one',
  CreateContainerConfigError: 'the image needs a numeric USER other than 0',
  CreateContainerError: 'the container cannot be made',
  RunContainerError: 'the command cannot be run',
};

/** Characters of a build's log that are shown. */
const LOG_TAIL = 1500;

/** Reads a Job and its pods, the newest of which says most; pure. */
export function outcomeOf(job: Job, pods: readonly Pod[]): Outcome {
  const own = pods.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === job.metadata.uid));
  for (const pod of own) {
    const pack = (statusOf(pod, 'pack') ?? statusOf(pod, 'inspect'))?.state?.terminated;
    const fetched = pack?.exitCode === 0 ? fetchedIn(pack.message) : undefined;
    if (fetched) return fetched;
  }
  const newest = own.toSorted((a, b) => created(b) - created(a)).find((pod) => failureOf(pod)) ?? own[0];
  const told = newest && failureOf(newest);
  const failed = job.status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
  if (failed?.reason === 'DeadlineExceeded') {
    const last = told ? `; the last failure: ${told.message}` : '';
    return {
      kind: 'failed',
      final: true,
      code: 'FetchTimeout',
      message: `not fetched within the time that the installation gives (builds.activeDeadlineSeconds)${last}${again()}`,
    };
  }
  if (failed)
    return {
      kind: 'failed',
      final: true,
      code: told?.code ?? 'FetchFailed',
      message: `${told?.message ?? failed.message ?? 'no reason given'}${again()}`,
    };
  if (told) return { kind: 'failed', final: false, ...told, message: `${told.message} (tried again)` };
  return running(job, own);
}

/** Whoever cannot wait that long changes the source, or deletes the Job. */
const again = (): string =>
  ` (tried again ${TTL_SECONDS / 60} minutes after it failed, or at once when the function's annotation lull.dev/refresh changes)`;

function running(job: Job, pods: readonly Pod[]): Outcome {
  const pod = pods.toSorted((a, b) => created(b) - created(a))[0];
  if (!pod) return { kind: 'running', message: `Job ${job.metadata.name} starts` };
  const unschedulable = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unschedulable?.reason === 'Unschedulable')
    return { kind: 'running', message: `pod ${pod.metadata.name} finds no node: ${unschedulable.message ?? ''}` };
  for (const { name, state } of statuses(pod)) {
    const reason = state?.waiting?.reason;
    const remedy = reason === undefined ? undefined : REMEDIES[reason];
    if (remedy !== undefined)
      return {
        kind: 'running',
        message: `pod ${pod.metadata.name}, container ${name}: ${reason}: ${remedy}: ${state?.waiting?.message ?? ''}`,
      };
  }
  const at = statuses(pod).find(({ state }) => state?.running);
  return { kind: 'running', message: `pod ${pod.metadata.name}${at ? ` runs ${at.name}` : ' starts'}` };
}

function failureOf(pod: Pod): Told | undefined {
  for (const { name, state } of statuses(pod)) {
    const ended = state?.terminated;
    if (!ended || ended.exitCode === 0) continue;
    if (ended.reason === 'OOMKilled')
      return { code: name === 'build' ? 'BuildFailed' : 'OutOfMemory', message: `${name} needed more memory than builds.resources allows` };
    if (name === 'build')
      return {
        code: 'BuildFailed',
        message: `the build ended with exit code ${ended.exitCode}: ${(ended.message ?? '').trim().slice(-LOG_TAIL) || 'it printed nothing'}`,
      };
    return (
      errorIn(ended.message) ?? {
        code: 'FetchFailed',
        message: `${name} ended with exit code ${ended.exitCode}: ${(ended.message ?? '').slice(-LOG_TAIL) || 'it said nothing'}`,
      }
    );
  }
  // Evicted, for using more disk than it may, or the node's.
  const { reason, message } = (pod.status ?? {}) as { reason?: string; message?: string };
  return pod.status?.phase === 'Failed' && reason !== undefined ? { code: reason, message: message ?? reason } : undefined;
}

function fetchedIn(message: string | undefined): Outcome | undefined {
  const said = parse(message);
  const { digest, bytes, unpackedBytes, commit, image } = said;
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) return undefined;
  return {
    kind: 'fetched',
    digest,
    bytes: Number(bytes) || 0,
    unpackedBytes: Number(unpackedBytes) || 0,
    ...(typeof commit === 'string' && { commit }),
    ...(isImage(image) && { image: imageFacts(image) }),
  };
}

function isImage(value: unknown): value is Record<string, unknown> & { reference: string } {
  return typeof value === 'object' && value !== null && 'reference' in value && typeof value.reference === 'string';
}

function imageFacts({ reference, entryPoint, command, path }: Record<string, unknown> & { reference: string }): ImageFacts {
  const words = (value: unknown): string[] | undefined =>
    Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
  const [start, rest] = [words(entryPoint), words(command)];
  return { reference, ...(start && { entryPoint: start }), ...(rest && { command: rest }), ...(typeof path === 'string' && { path }) };
}

function errorIn(message: string | undefined): Told | undefined {
  const { error } = parse(message) as { error?: Partial<Told> };
  // A condition's reason has a form of its own.
  if (typeof error?.code !== 'string' || !/^[A-Za-z][A-Za-z0-9]*$/.test(error.code) || typeof error.message !== 'string') return undefined;
  return { code: error.code, message: error.message };
}

function parse(message: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(message ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const statuses = (pod: Pod): ContainerStatus[] => [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
const statusOf = (pod: Pod, name: string): ContainerStatus | undefined => statuses(pod).find((status) => status.name === name);
const created = (pod: Pod): number => Date.parse(pod.metadata.creationTimestamp ?? '') || 0;
