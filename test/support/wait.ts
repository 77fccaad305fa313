import { setTimeout as sleep } from 'node:timers/promises';

/** Asks every `everyMillis` until the answer is neither undefined nor false; throws, with what was waited for, after `timeoutMillis`. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  timeoutMillis = 30_000,
  everyMillis = 50,
): Promise<T> {
  const deadline = performance.now() + timeoutMillis;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(`waited ${timeoutMillis} ms in vain for ${what}: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
    await sleep(everyMillis);
  }
}
