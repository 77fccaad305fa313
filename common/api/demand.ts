/**
 * What activators tell the autoscaler of the present, between two scrapes of Prometheus (the record on which steady decisions stand).
 *
 * `GET /v1/demand` on the activator's control port, `Authorization: Bearer TOKEN` (demandToken), answers with application/x-ndjson that does not end: a DemandMessage a
 * line. Functions whose requests are held are told within 100 ms of a change, all others that have any once a second, and once more when they have none.
 * `GET /v1/loads/NAMESPACE/NAME` answers `{pods: {POD: running}}`: which pods are busy, for a scale-down that is coming.
 */
import { announceToken } from './token.ts';

export interface DemandMessage {
  type: 'demand';
  /** The activator's own monotonic clock, in milliseconds. */
  at: number;
  /** By NAMESPACE/NAME: requests held, requests running, and the integral of both over time in request-seconds. */
  functions: Record<string, readonly [held: number, running: number, demandSeconds: number]>;
  /** Once a second, and at once when there is another: every claimed pod that is announced here, by NAMESPACE/POD. Left out when there are none. */
  claimed?: Record<string, ClaimedPod>;
  /** Once a second: what this activator has done since it began, by NAMESPACE/POOL. Left out when there is nothing. */
  pools?: Record<string, PoolUse>;
}

/** A pod that was a WarmPool's, and is a function's. */
export interface ClaimedPod {
  pool: string;
  function: string;
  revision: string;
}

/** Counters of one activator. */
export interface PoolUse {
  /** Wakes from zero of functions that may use the pool, whether they found a free pod or not. */
  wakes: number;
  /** Milliseconds from the first held request to the first byte of its answer, summed, and their number: by claims, and by ordinary wakes of the same functions. */
  claimedMillis: number;
  claimedCount: number;
  ordinaryMillis: number;
  ordinaryCount: number;
}

/** Requests that run in each pod: the activator's own, and those that came past all activators. */
export interface Loads {
  pods: Record<string, number>;
}

/** No function has this name, so its token is no pod's. */
export function demandToken(key: string): string {
  return announceToken(key, { namespace: '-', function: '-', revision: 'operator' });
}
