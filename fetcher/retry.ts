import { ERRORS, FetchError } from './errors.ts';

/** Tries of one request in this process; after them the Job's own are left, farther apart. */
const TRIES = 4;

export interface Retry {
  /** Before the second try; it doubles: 1, 2 and 4 s. */
  pauseMillis: number;
  /** Told of a failure that is tried again. */
  onFailure?: (error: FetchError) => void;
}

/** Tries again what may pass, as the catalogue says. */
export async function retrying<T>(attempt: () => Promise<T>, { pauseMillis, onFailure }: Retry): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const failure = FetchError.of(error);
      if (tries === TRIES || ERRORS[failure.code].exit !== ERRORS.SourceUnavailable.exit || failure.code === 'Internal') throw failure;
      onFailure?.(failure);
      await new Promise((resolve) => setTimeout(resolve, pauseMillis * 2 ** (tries - 1)));
    }
  }
}
