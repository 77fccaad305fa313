import { CODE_LOST, type CodeStatus } from '../../common/api/code.ts';
import type { Outcome } from './outcome.ts';
import { MAX_UNPACKED_BYTES } from './settings.ts';
import { describeSource, type Wanted } from './source.ts';

/** A Job of a function's that fetches, as far as planning needs it. */
export interface JobState {
  job: string;
  /** Which of the wanted things it fetches, and from which source. */
  name: string;
  source: string;
  outcome: Outcome;
}

/** What a function's code is now, and what is to be done about it. */
export interface CodePlan {
  /** What was fetched of what is wanted, for status.code. */
  fetched: CodeStatus[];
  /** All that is wanted is there, and may be used. */
  complete: boolean;
  /** Jobs to make. `commit`: fetch this one, which was fetched before, whatever the ref means by now. */
  fetch: { wanted: Wanted; commit?: string }[];
  /** Jobs to delete: their source is no longer wanted, or what they put into the store is lost. */
  remove: string[];
  condition: { status: 'True' | 'False' | 'Unknown'; reason: string; message: string };
}

/** One of the wanted things. */
interface Part {
  wanted: Wanted;
  /** What was fetched, possibly lost meanwhile. */
  fetched?: CodeStatus;
  lost: boolean;
  job?: JobState;
}

/**
 * What to do about a function's code; pure.
 *
 * What status.code says was fetched stays so as long as the source is the same, whatever becomes of the Job: a source that is down, or has moved on, does not concern
 * a function that is served from the store. `isLost` tells of a bundle that the store no longer has: it is fetched again while the function keeps its revision.
 */
export function planCode(
  wanted: readonly Wanted[],
  before: readonly CodeStatus[],
  jobs: readonly JobState[],
  isLost: (digest: string) => boolean,
): CodePlan {
  const parts = wanted.map((one) => partOf(one, before, jobs, isLost));
  const kept = new Set(parts.flatMap(({ job }) => (job ? [job.job] : [])));
  const remove = jobs.filter(({ job }) => !kept.has(job)).map(({ job }) => job);
  const fetch: CodePlan['fetch'] = [];
  for (const { wanted: one, fetched, lost, job } of parts) {
    if (job?.outcome.kind === 'fetched' && lost) {
      // It was made by this very Job, and is gone from the store: a new one can only be made when this one is away.
      remove.push(job.job);
    } else if (!job && (!fetched || lost)) {
      fetch.push({ wanted: one, ...(fetched?.commit !== undefined && { commit: fetched.commit }) });
    }
  }
  const fetched = parts.flatMap((part) => (part.fetched ? [part.fetched] : []));
  const excess = excessOf(fetched);
  return {
    fetched,
    complete: parts.every((part) => part.fetched !== undefined) && excess === undefined,
    fetch,
    remove,
    condition: excess ?? conditionOf(parts),
  };
}

/** Each was small enough by itself; AWS's limit is for all of them together. */
function excessOf(fetched: readonly CodeStatus[]): CodePlan['condition'] | undefined {
  const bytes = fetched.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
  if (bytes <= MAX_UNPACKED_BYTES) return undefined;
  const message = `code and layers together are ${bytes} bytes unpacked, more than ${MAX_UNPACKED_BYTES} (250 MB): leave out what the handler does not need`;
  return { status: 'False', reason: 'TooLarge', message };
}

function partOf(wanted: Wanted, before: readonly CodeStatus[], jobs: readonly JobState[], isLost: (digest: string) => boolean): Part {
  const job = jobs.find(({ name, source }) => name === wanted.name && source === wanted.source);
  // Of its Job first: one that fetched again what was lost may have found something newer.
  const made = job?.outcome.kind === 'fetched' ? job.outcome : undefined;
  const fetched = made
    ? {
        name: wanted.name,
        source: wanted.source,
        digest: made.digest,
        bytes: made.bytes,
        unpackedBytes: made.unpackedBytes,
        ...(made.commit !== undefined && { commit: made.commit }),
        ...(made.image && { image: made.image }),
      }
    : before.find(({ name, source }) => name === wanted.name && source === wanted.source);
  return {
    wanted,
    lost: fetched !== undefined && !fetched.image && isLost(fetched.digest),
    ...(fetched && { fetched }),
    ...(job && { job }),
  };
}

/** How a registry need not be asked at all. */
const UNASKED = '; or give spec.imageConfig.entryPoint and .command, and no registry is asked';

function conditionOf(parts: readonly Part[]): CodePlan['condition'] {
  for (const { wanted, fetched, lost, job } of parts) {
    if (job?.outcome.kind === 'failed' && (!fetched || lost)) {
      const { code } = job.outcome;
      const restoring = lost ? `the store has lost it, and fetching it again failed: ${code}: ` : '';
      return {
        status: 'False',
        reason: lost ? CODE_LOST : code,
        message: `${wanted.name} from ${describeSource(wanted.from)}: ${restoring}${job.outcome.message}${'image' in wanted.from ? UNASKED : ''}`,
      };
    }
  }
  const missing = parts.filter(({ fetched, lost }) => !fetched || lost);
  if (missing.length > 0) {
    const words = missing.map(({ wanted, lost, job }) => {
      const state = job?.outcome.kind === 'running' ? job.outcome.message : 'a Job is made';
      return `${wanted.name} from ${describeSource(wanted.from)}${lost ? ' again, for the store has lost it' : ''}: ${state}`;
    });
    return { status: 'Unknown', reason: 'Fetching', message: `fetching ${words.join('; ')}` };
  }
  return { status: 'True', reason: 'Fetched', message: parts.map(({ fetched }) => (fetched ? told(fetched) : '')).join('; ') };
}

/** `code 1a2b3c4d5e6f, 12.3 MB unpacked, commit 0123456789ab`. */
function told({ name, digest, unpackedBytes, commit, image }: CodeStatus): string {
  if (image) return `image ${image.reference}`;
  return `${name} ${digest.slice(0, 12)}, ${(unpackedBytes / 1e6).toFixed(1)} MB unpacked${commit === undefined ? '' : `, commit ${commit.slice(0, 12)}`}`;
}
