import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until the answer is true; fails with the last error, so that a timeout says what was wrong. */
export async function waitFor(what: string, timeoutMs: number, check: () => Promise<boolean>, everyMs = 50): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      if (await check()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  }
  throw new Error(`${what} did not happen within ${timeoutMs / 1000} s`, { cause: last });
}
