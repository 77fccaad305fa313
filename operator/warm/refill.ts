/** A pod that is nobody's yet, as refilling sees it. */
export interface FreePod {
  name: string;
  /** Made from the template of now. */
  current: boolean;
  ready: boolean;
  /** It has ended: by itself, or because it could not start. */
  ended?: 'well' | 'at once';
}

/** What is remembered from one look to the next. Times in milliseconds. */
export interface RefillState {
  /** Pods that may be made now, and when that was reckoned. */
  tokens: number;
  at: number;
  /** Pods in a row that ended as soon as they began, and the time before which no other is made. */
  crashes: number;
  notBefore: number;
}

export interface Refill {
  create: number;
  remove: string[];
  state: RefillState;
  /** Milliseconds until it is worth looking again, if nothing changes. */
  again: number | undefined;
}

/** So many at once, then so many a second: what refills must not compete with the very wakes that emptied the pool. */
const BURST = 2;
const PER_SECOND = 2;
/** After pods that end at once: doubled each time. */
const BACKOFF_MILLIS = 1000;
const MAX_BACKOFF_MILLIS = 60_000;

export const NEW_REFILL: RefillState = { tokens: BURST, at: 0, crashes: 0, notBefore: 0 };

/**
 * What brings a pool to its size; pure. Pods of another template are replaced one at a time: a new one is made besides, and an old one goes when it is ready. Example: size 3, 1 of
 * now and ready, 1 of before, nothing remembered → make 2 (four would be one too many until one of now is ready), remove none.
 */
export function refill(pods: readonly FreePod[], size: number, before: RefillState, now: number): Refill {
  const ended = pods.filter(({ ended: how }) => how !== undefined);
  const current = pods.filter((pod) => pod.ended === undefined && pod.current);
  const outdated = pods.filter((pod) => pod.ended === undefined && !pod.current);
  const ready = current.filter((pod) => pod.ready);
  const backoff = backedOff(ended.filter(({ ended: how }) => how === 'at once').length, ready.length > 0, before, now);
  const remove = [...ended.map(({ name }) => name), ...surplus(current, size), ...replaced(outdated, ready.length, size)];

  const old = outdated.filter(({ name }) => !remove.includes(name)).length;
  const room = (old > 0 && size > 0 ? size + 1 : size) - current.length - old;
  const missing = Math.max(0, Math.min(size - current.length, room));
  const tokens = Math.min(BURST, before.tokens + (Math.max(0, now - before.at) / 1000) * PER_SECOND);
  const create = now < backoff.notBefore ? 0 : Math.min(missing, Math.floor(tokens));
  const state = { tokens: tokens - create, at: now, ...backoff };
  return { create, remove, state, again: missing > create ? waitMillis(state, now) : undefined };
}

/** Those that are not ready go first. */
function surplus(current: readonly FreePod[], size: number): string[] {
  const over = Math.max(0, current.length - size);
  return [...current]
    .sort((a, b) => Number(a.ready) - Number(b.ready))
    .slice(0, over)
    .map(({ name }) => name);
}

/** One that never got ready is of no use; of the others as many as there are new ones for. */
function replaced(outdated: readonly FreePod[], ready: number, size: number): string[] {
  const useless = outdated.filter((pod) => !pod.ready);
  const useful = outdated.filter((pod) => pod.ready);
  return [...useless, ...useful.slice(0, Math.max(0, ready + useful.length - size))].map(({ name }) => name);
}

function backedOff(crashed: number, anyReady: boolean, before: RefillState, now: number): Pick<RefillState, 'crashes' | 'notBefore'> {
  if (crashed === 0) return anyReady ? { crashes: 0, notBefore: 0 } : { crashes: before.crashes, notBefore: before.notBefore };
  const crashes = before.crashes + crashed;
  return { crashes, notBefore: now + Math.min(MAX_BACKOFF_MILLIS, BACKOFF_MILLIS * 2 ** Math.min(crashes - 1, 16)) };
}

function waitMillis({ tokens, notBefore }: RefillState, now: number): number {
  return Math.ceil(Math.max(notBefore - now, ((1 - Math.min(1, tokens)) / PER_SECOND) * 1000, 1));
}
