import type { EffectiveSpec } from '../../common/api/defaults.ts';

/** Windows, in seconds, over which a function's figures are averaged. */
export interface Windows {
  stable: number;
  panic: number;
}

/** A rate needs two samples, and the window may lie between them as badly as it can: three scrapes are safe, fewer than two are never enough. */
const SCRAPES_SAFE = 3;
const SCRAPES_LEAST = 2;
/** A sample older than so many scrapes says nothing of now, nor one older than these milliseconds when scrapes are quick. */
const STALE_SCRAPES = 5;
const STALE_MIN_MILLIS = 10_000;

/**
 * The windows in force under a scrape interval; pure. Those that nobody chose grow with it; one that a person chose and that it cannot resolve is refused, with a
 * sentence that says what would do. Examples: 2 s scrapes → 60 and 6; 15 s scrapes → 60 and 45; 15 s and panicWindowSeconds: 6 chosen → refused.
 */
export function windowsInForce(
  { stableWindowSeconds, stableWindowChosen, panicWindowSeconds, panicWindowChosen }: EffectiveSpec,
  scrapeSeconds: number,
): Windows | { refused: string } {
  const least = Math.ceil(scrapeSeconds * SCRAPES_LEAST);
  const safe = Math.ceil(scrapeSeconds * SCRAPES_SAFE);
  const tooShort = (field: string, chosen: number): { refused: string } => ({
    refused: `spec.scale.${field} is ${chosen} s, and Prometheus scrapes every ${scrapeSeconds} s: a mean needs two samples, so ${least} s or more, ${safe} to be safe; or scrape more often`,
  });
  if (panicWindowChosen && panicWindowSeconds < least) return tooShort('panicWindowSeconds', panicWindowSeconds);
  if (stableWindowChosen && stableWindowSeconds < least) return tooShort('stableWindowSeconds', stableWindowSeconds);
  const panic = panicWindowChosen ? panicWindowSeconds : Math.max(panicWindowSeconds, safe);
  const stable = stableWindowChosen ? stableWindowSeconds : Math.max(stableWindowSeconds, safe);
  return { stable: Math.max(stable, panic), panic };
}

/** Age in milliseconds from which a sample is stale. */
export function staleMillis(scrapeSeconds: number): number {
  return Math.max(STALE_MIN_MILLIS, scrapeSeconds * STALE_SCRAPES * 1000);
}
