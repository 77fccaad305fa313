import { isDeepStrictEqual } from 'node:util';
import { effectiveSpec } from '../../common/api/defaults.ts';
import type { LullFunction } from '../../common/api/function.ts';
import type { FunctionStatus } from '../../common/api/function-status.ts';
import { API_VERSION } from '../../common/api/names.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { FunctionCode } from '../code/code-keeper.ts';
import type { FunctionReader, FunctionWriter } from './cluster.ts';
import { type Desired, desired } from './desired.ts';
import { lostBridge } from './lost-bridge.ts';
import type { KubeObject } from './objects.ts';
import type { Problem } from './problems.ts';
import { type Rollover, rollover } from './rollover.ts';
import type { Settings } from './settings.ts';
import { afterStart } from './startup-boost.ts';
import { functionStatus } from './status.ts';

export interface FunctionControllerOptions {
  read: FunctionReader;
  write: FunctionWriter;
  settings: Settings;
  /** Sees that something stands behind the function's Service before that becomes one without a selector. */
  prepareService: (fn: LullFunction) => Promise<void>;
  /** Sees to it that its code and layers are fetched; undefined for a function of which nothing has to be. */
  prepareCode: (fn: LullFunction, runtime: LullRuntime | undefined) => Promise<FunctionCode | undefined>;
  now: () => Date;
}

/** Fields of the status that this controller writes. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'observedGeneration',
  'observedRefresh',
  'conditions',
  'code',
  'url',
  'replicas',
  'readyReplicas',
  'selector',
  'activeRevision',
  'latestRevision',
]);

/**
 * Brings the cluster to what a Function says, and the Function's status to what the cluster is.
 *
 * Given a key only, it reads everything from the caches and is idempotent; it never asks which event brought it here. What it throws is tried again with
 * back-off; what only the user can mend ends up on the condition Ready and is not tried again until something changes.
 */
export class FunctionController {
  readonly #options: FunctionControllerOptions;
  /**
   * What was applied last for a key. A pod's life makes half a dozen events, and five requests to the API server for each would compete with the very
   * cold start that made them.
   */
  readonly #applied = new Map<string, string>();

  constructor(options: FunctionControllerOptions) {
    this.#options = options;
  }

  /** Something that was applied for a key was changed or deleted by somebody: the next reconcile applies all of it again. */
  forget(key: string): void {
    this.#applied.delete(key);
  }

  async reconcile(key: string): Promise<void> {
    const { read, settings } = this.#options;
    const fn = read.function(key);
    // Deleted: what the function owned goes by its owner references.
    if (!fn || fn.metadata.deletionTimestamp) {
      this.#applied.delete(key);
      return;
    }
    const runtime = fn.spec.runtime === undefined ? undefined : read.runtime(fn.spec.runtime);
    if (effectiveSpec(fn.spec).protocol === 'lambda' && fn.spec.code.image === undefined && !runtime) {
      const message = `spec.runtime: there is no Runtime "${fn.spec.runtime}"; kubectl get runtimes lists those there are, kubectl apply adds one`;
      await this.#report(fn, { refused: { reason: 'RuntimeNotFound', message } });
      return;
    }
    const code = await this.#options.prepareCode(fn, runtime);
    if (code && !code.revision) {
      // No revision before its code is there; what serves goes on serving.
      await this.#report(fn, { code, ...(fn.status?.activeRevision !== undefined && { active: fn.status.activeRevision }) });
      return;
    }
    const want = desired(fn, runtime, settings, code?.revision);
    const fingerprint = JSON.stringify([fn.metadata.uid, want]);
    if (this.#applied.get(key) !== fingerprint) {
      const taken = await this.#takenBySomebodyElse(fn, want);
      if (taken) {
        await this.#report(fn, { refused: taken, ...(code && { code }) });
        return;
      }
      await this.#applyObjects(fn, want, key);
      this.#applied.set(key, fingerprint);
    }
    for (const name of lostBridge(read.pods(key))) {
      await this.#options.write.removePod(fn.metadata.namespace ?? 'default', name);
      this.#options.write.event(
        fn,
        'Warning',
        'PodReplaced',
        `pod ${name} is replaced: its processes ended Lull's own, and it cannot start again`,
      );
    }
    for (const pod of read.pods(key)) {
      const patch = afterStart(pod);
      if (patch) await this.#options.write.resizePod(fn.metadata.namespace ?? 'default', pod.metadata.name, patch);
    }
    const plan = await this.#rollOver(fn, want, key);
    await this.#report(fn, { latest: want.revision, active: plan.active, ...(code && { code }) });
    // Only after the status, by which the activators route, names the new one.
    for (const name of plan.remove) await this.#options.write.removeRevision(fn.metadata.namespace ?? 'default', name);
  }

  async #applyObjects(fn: LullFunction, want: Desired, key: string): Promise<void> {
    const { read, write } = this.#options;
    if (!read.deployments(key).some(({ metadata }) => metadata.name === want.revision && !metadata.deletionTimestamp)) {
      await write.createRevision(want.deployment, snapshot(fn, want));
      if (fn.status?.latestRevision !== want.revision) write.event(fn, 'Normal', 'RevisionCreated', `created revision ${want.revision}`);
    }
    await write.apply(want.deployment);
    await this.#options.prepareService(fn);
    await write.apply(want.service);
    await write.apply(want.networkPolicy);
  }

  async #rollOver(fn: LullFunction, want: Desired, key: string): Promise<Rollover> {
    const { read, write } = this.#options;
    const revisions = read.deployments(key).filter(({ metadata }) => !metadata.deletionTimestamp);
    const states = revisions.map(({ metadata, spec, status }) => ({
      name: metadata.name,
      replicas: spec.replicas ?? 0,
      ready: status?.readyReplicas ?? 0,
    }));
    const plan = rollover(want.revision, fn.status?.activeRevision, states);
    for (const { name, from, to } of plan.scale) await write.scale(fn.metadata.namespace ?? 'default', name, from, to);
    if (fn.status?.activeRevision !== undefined && plan.active !== fn.status.activeRevision) {
      write.event(fn, 'Normal', 'RolledOver', `revision ${plan.active} took over from ${fn.status.activeRevision}`);
    }
    return plan;
  }

  /** A Service or NetworkPolicy of the function's name that is not the function's: it is left alone, and the function waits. */
  async #takenBySomebodyElse(fn: LullFunction, want: Desired): Promise<Problem | undefined> {
    for (const kind of ['Service', 'NetworkPolicy'] as const) {
      const name = kind === 'Service' ? want.service.metadata.name : want.networkPolicy.metadata.name;
      const there = await this.#options.write.read(kind, fn.metadata.namespace ?? 'default', name);
      if (there && !there.metadata.ownerReferences?.some(({ uid }) => uid === fn.metadata.uid)) {
        return {
          reason: `${kind}Taken`,
          message: `${kind} taken: there is a ${kind} "${name}" that does not belong to this function; rename the function (metadata.name) or delete it`,
        };
      }
    }
    return undefined;
  }

  async #report(fn: LullFunction, seen: { refused?: Problem; code?: FunctionCode; latest?: string; active?: string }): Promise<void> {
    const { read, write, settings, now } = this.#options;
    const key = `${fn.metadata.namespace}/${fn.metadata.name}`;
    // A refused spec makes no revision: what served before goes on serving.
    const kept =
      seen.refused && fn.status?.activeRevision
        ? { active: fn.status.activeRevision, latest: fn.status.latestRevision ?? fn.status.activeRevision }
        : {};
    const { code, ...rest } = seen;
    const status = functionStatus(fn, {
      ...kept,
      ...rest,
      ...(code && { code: { ...code, complete: code.revision !== undefined } }),
      deployments: read.deployments(key),
      pods: read.pods(key),
      domain: settings.domain,
      now: now(),
    });
    if (isDeepStrictEqual(ownPart(fn.status, status), status)) return;
    await write.writeStatus(fn, status);
    this.#tell(fn, status);
  }

  /** An event when Ready changes, in either direction, and when code was fetched, or could not be. */
  #tell(fn: LullFunction, status: FunctionStatus): void {
    const find = (of: FunctionStatus | undefined, wanted: string) => of?.conditions?.find(({ type }) => type === wanted);
    const code = find(status, 'CodeReady');
    const codeBefore = find(fn.status, 'CodeReady');
    const toldCode = code && code.status !== 'Unknown' && (code.status !== codeBefore?.status || code.message !== codeBefore.message);
    if (toldCode) this.#options.write.event(fn, code.status === 'True' ? 'Normal' : 'Warning', code.reason, code.message);
    const before = find(fn.status, 'Ready');
    const after = find(status, 'Ready');
    if (!after || before?.status === after.status) return;
    // Fetching is nothing to warn of, and that it failed is told above.
    if (after.reason === 'Fetching' || (toldCode && after.reason === code.reason)) return;
    this.#options.write.event(fn, after.status === 'True' ? 'Normal' : 'Warning', after.reason, after.message);
  }
}

/** Of a status, what this controller writes: the rest (scale, the condition ScalingActive, …) has other writers. */
function ownPart(before: FunctionStatus | undefined, ours: FunctionStatus): FunctionStatus {
  const types = new Set(['CodeReady', ...(ours.conditions?.map(({ type }) => type) ?? [])]);
  const own = Object.fromEntries(Object.entries(before ?? {}).filter(([field]) => OWN_FIELDS.has(field)));
  return {
    ...own,
    ...(own['conditions'] !== undefined && { conditions: before?.conditions?.filter(({ type }) => types.has(type)) ?? [] }),
  };
}

/**
 * The code of a revision, kept as Kubernetes' own kind for immutable snapshots: the Function's spec may have moved on when an older revision, which still
 * serves, needs another pod. Nothing for a revision whose code is its image.
 */
function snapshot(fn: LullFunction, want: Desired): KubeObject | undefined {
  // Code that lies in the store is found there by its digest.
  if (!want.deployment.spec.template.spec.containers.some(({ env }) => env.some(({ name }) => name === 'LULL_CODE_DIGEST')))
    return undefined;
  if (!fn.spec.code.inline) return undefined;
  const { metadata } = want.deployment;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { ...metadata },
    revision: fn.metadata.generation ?? 1,
    data: { apiVersion: API_VERSION, kind: 'Function', code: { inline: fn.spec.code.inline } },
  } as KubeObject;
}
