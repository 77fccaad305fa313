import type { CodeStatus, Source } from '../../common/api/code.ts';
import type { LullFunction } from '../../common/api/function.ts';
import { CODE_NAME_LABEL, CODE_SOURCE_LABEL } from '../../common/api/names.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import { storedUrl } from '../../common/api/store.ts';
import type { Deployment, Job, Pod } from '../function/objects.ts';
import { refusalOf } from '../function/refusal.ts';
import type { Settings } from '../function/settings.ts';
import { type RevisionCode, revisionCode } from './bundle.ts';
import { fetchJob } from './fetch-job.ts';
import { garbage } from './garbage.ts';
import { inlineArchive } from './inline-archive.ts';
import type { CodeMetrics } from './metrics.ts';
import { outcomeOf } from './outcome.ts';
import { type CodePlan, planCode } from './plan.ts';
import { sourcesOf, type Wanted } from './source.ts';
import type { BlobStore } from './store-client.ts';
import { unbuilt } from './unbuilt.ts';

/** What is read: caches. Keys are NAMESPACE/NAME. */
export interface CodeReader {
  functions(): LullFunction[];
  allDeployments(): Deployment[];
  allCodeJobs(): Job[];
  /** Jobs that fetch for a function, and their pods. */
  codeJobs(key: string): Job[];
  codePods(key: string): Pod[];
  /** Its resourceVersion; undefined when there is none of that name. */
  configMapVersion(namespace: string, name: string): string | undefined;
}

export interface CodeWriter {
  /** False when there is one of that name, which may be about to go. */
  createJob(job: Job): Promise<boolean>;
  removeJob(namespace: string, name: string): Promise<void>;
}

export interface CodeKeeperOptions {
  read: CodeReader;
  write: CodeWriter;
  store: BlobStore;
  settings: Settings;
  /** A function is to be looked at again, after so long: no watch would tell. */
  again: (key: string, afterMillis: number) => void;
  metrics: CodeMetrics;
  onError: (what: string, error: unknown) => void;
  /** Unix milliseconds. */
  now: () => number;
}

/** A function's code as it is now. */
export interface FunctionCode {
  /** For status.code. */
  fetched: CodeStatus[];
  condition: CodePlan['condition'];
  /** What a revision is made of; undefined while something is missing that was never fetched. */
  revision?: RevisionCode;
}

/** A cache catches up within this. */
const CACHE_MILLIS = 500;
/** So soon a store that did not take something is asked again. */
const STORE_MILLIS = 5000;
/** And an API server that refused a Job, by a quota or a webhook: somebody has to change something first. */
const REFUSED_MILLIS = 30_000;

const keyOf = ({ metadata }: LullFunction): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;

/** Sees to it that what functions' code and layers are fetched from becomes bundles in the store, and that they stay there for as long as they are wanted. */
export class CodeKeeper {
  readonly #options: CodeKeeperOptions;
  /** What the store had when it was asked last; undefined before that: then nothing is held to be lost. */
  #stored: ReadonlySet<string> | undefined;

  constructor(options: CodeKeeperOptions) {
    this.#options = options;
  }

  /** Makes and deletes Jobs as needed. Undefined for a function of which nothing has to be fetched. */
  async ensure(fn: LullFunction, runtime: LullRuntime | undefined): Promise<FunctionCode | undefined> {
    const { read, write } = this.#options;
    const namespace = fn.metadata.namespace ?? 'default';
    const key = keyOf(fn);
    const missing: string[] = [];
    const wanted = sourcesOf(fn, runtime, (name) => {
      const version = read.configMapVersion(namespace, name);
      if (version === undefined) missing.push(name);
      return version ?? '';
    });
    const jobs = read
      .codeJobs(key)
      .filter(({ metadata }) => !metadata.deletionTimestamp && metadata.ownerReferences?.some(({ uid }) => uid === fn.metadata.uid));
    const pods = read.codePods(key);
    const states = jobs.map((job) => ({
      job: job.metadata.name,
      name: job.metadata.labels?.[CODE_NAME_LABEL] ?? '',
      source: job.metadata.labels?.[CODE_SOURCE_LABEL] ?? '',
      outcome: outcomeOf(job, pods),
    }));
    const before = fn.status?.code ?? [];
    const lost = await this.#lost([
      ...before.flatMap(({ digest, image }) => (image ? [] : [digest])),
      ...states.flatMap(({ outcome }) => (outcome.kind === 'fetched' && !outcome.image ? [outcome.digest] : [])),
    ]);
    const plan = planCode(wanted, before, states, (digest) => lost.has(digest));
    for (const name of plan.remove) await write.removeJob(namespace, name);
    const refused = unbuilt(fn, runtime);
    if (refused !== undefined) return { fetched: plan.fetched, condition: { status: 'False', reason: 'NoBuild', message: refused } };
    if (wanted.length === 0) return undefined;
    if (missing[0] !== undefined) {
      const message = `there is no ConfigMap "${missing[0]}" in the namespace ${namespace}: kubectl create configmap ${missing[0]} --from-file=FOLDER makes one`;
      return { fetched: plan.fetched, condition: { status: 'False', reason: 'ConfigMapNotFound', message } };
    }
    const started = { fetched: plan.fetched, ...(plan.complete && { revision: revisionCode(plan.fetched) }) };
    for (const { wanted: one, commit } of plan.fetch) {
      const refused = await this.#start(fn, one, commit);
      if (refused) return { ...started, condition: refused };
    }
    return { ...started, condition: plan.condition };
  }

  /** Asks the store what it has, and has a look at functions whose bundles it lost. To be called every few seconds. */
  async look(): Promise<void> {
    const { store, read, again, metrics, onError } = this.#options;
    try {
      this.#stored = new Set((await store.list()).map(({ digest }) => digest));
      metrics.storeAnswers(true);
    } catch (error) {
      // What is not known to be lost is not fetched again.
      metrics.storeAnswers(false);
      onError('the store cannot be asked what it has', error);
      return;
    }
    const stored = this.#stored;
    for (const fn of read.functions()) {
      const code = fn.status?.code ?? [];
      if (code.some(({ digest, image }) => !image && !stored.has(digest))) again(keyOf(fn), 0);
    }
  }

  /** Deletes what nothing refers to. To be called every hour, when all caches are filled. */
  async collect(): Promise<number> {
    const { store, read, now } = this.#options;
    const blobs = await store.list();
    const digests = garbage(blobs, read.functions(), read.allDeployments(), read.allCodeJobs(), now());
    for (const digest of digests) await store.remove(digest);
    return digests.length;
  }

  /** Makes the Job; what keeps it from being made is told. */
  async #start(fn: LullFunction, wanted: Wanted, commit: string | undefined): Promise<CodePlan['condition'] | undefined> {
    const { settings, write, again, metrics } = this.#options;
    let from: Source;
    try {
      from = await this.#source(fn, wanted, commit);
    } catch (error) {
      again(keyOf(fn), STORE_MILLIS);
      const message = `spec.code.inline cannot be put into the store: ${(error as Error).message}; tried again (kubectl -n ${settings.namespace} get pods)`;
      return { status: 'False', reason: 'StoreUnavailable', message };
    }
    try {
      if (await write.createJob(fetchJob(fn, wanted, from, settings))) metrics.started();
      // One of that name is on its way out, and its end is what is waited for; or it is a moment old and not in the cache yet.
      else again(keyOf(fn), CACHE_MILLIS);
      return undefined;
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      again(keyOf(fn), REFUSED_MILLIS);
      return { status: 'False', reason: 'JobRefused', message: `the API server refuses the Job that fetches it: ${refusal}; tried again` };
    }
  }

  /** What the Job is told to fetch. */
  async #source(fn: LullFunction, { from, source }: Wanted, commit: string | undefined): Promise<Source> {
    if ('inline' in from) {
      const { bytes, digest } = await inlineArchive(from.inline);
      await this.#options.store.put(digest, bytes, `${fn.metadata.namespace ?? 'default'}/${source}`);
      return { archive: { url: storedUrl(digest), format: 'tgz' } };
    }
    return 'git' in from && commit !== undefined ? { git: { ...from.git, ref: commit } } : from;
  }

  /** Of these, the ones that the store has lost. Its list may be older than a bundle, so it is asked about each that is not in it. */
  async #lost(digests: readonly string[]): Promise<ReadonlySet<string>> {
    const { store, onError } = this.#options;
    const stored = this.#stored;
    const lost = new Set<string>();
    if (!stored) return lost;
    for (const digest of new Set(digests)) {
      if (stored.has(digest)) continue;
      try {
        if (!(await store.has(digest))) lost.add(digest);
      } catch (error) {
        onError('the store cannot be asked whether it has a bundle', error);
      }
    }
    return lost;
  }
}
