import { FetchError, type FetchErrorCode } from './errors.ts';

/** Tries of one request in this process; after them the Job's own are left, farther apart. */
const TRIES = 4;

export interface Retry {
  /** Before the second try; it doubles: 1, 2 and 4 s. */
  pauseMillis: number;
  /** Told of a failure that is tried again. */
  onFailure?: (error: FetchError) => void;
}

/** What may pass within seconds; the rest is left to the Job's own tries. */
const PASSING: readonly FetchErrorCode[] = ['SourceUnavailable', 'StoreUnavailable', 'StoreFull'];

/** Tries again what may pass. */
export async function retrying<T>(attempt: () => Promise<T>, { pauseMillis, onFailure }: Retry): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const failure = FetchError.of(error);
      if (tries === TRIES || !PASSING.includes(failure.code)) throw failure;
      onFailure?.(failure);
      await new Promise((resolve) => setTimeout(resolve, pauseMillis * 2 ** (tries - 1)));
    }
  }
}
