import type { EffectiveMetric, EffectiveSpec } from '../../common/api/defaults.ts';
import { beyondChance, podsDown, podsUp } from './need.ts';
import type { Live, Reading } from './observation.ts';
import { metricName, seconds } from './words.ts';

type AskScale = Pick<EffectiveSpec, 'burstCapacity' | 'stableWindowSeconds' | 'panicWindowSeconds'>;

/** What one metric asks for, going up and going down, and in which words. */
export interface Ask {
  up: number;
  down: number;
  panic: number;
  figure: string;
  window: string;
  words: string;
}

/**
 * @param scale the windows in force, and room that is to be kept @param panicking a burst is followed: what may be chance counts for more
 */
export function ask(
  metric: EffectiveMetric,
  index: number,
  reading: Reading,
  live: Live | undefined,
  scale: AskScale,
  panicking: boolean,
): Ask {
  const { target } = metric;
  const extra = metric.type === 'concurrency' && reading.now + reading.panic > 0 ? scale.burstCapacity : 0;
  const now = metric.type === 'concurrency' && live ? present(live) : metric.type === 'prometheus' ? reading.now : reading.panic;
  const short = Math.max(reading.panic, now);
  const counted = metric.type === 'prometheus' || (metric.type === 'concurrency' && (live?.held ?? 0) > 0);
  const sure = counted ? short : beyondChance(short, panicking);
  const byStable = reading.stable >= sure;
  const value = (byStable ? reading.stable : short) + extra;
  const window = byStable ? scale.stableWindowSeconds : now > reading.panic ? 0 : scale.panicWindowSeconds;
  const over = metric.type === 'prometheus' || window === 0 ? 'now' : `over ${seconds(window)}`;
  return {
    up: podsUp(Math.max(reading.stable, sure) + extra, target),
    down: podsDown(Math.max(reading.stable, short) + extra, target),
    panic: podsUp(short + extra, target),
    figure: `${value.toFixed(1)}${metric.type === 'rps' ? ' requests/s' : metric.type === 'concurrency' ? ' requests' : ''}`,
    window: metric.type === 'prometheus' || window === 0 ? 'now' : seconds(window),
    words: `${metricName(metric, index)} ${value.toFixed(1)} ${over}${extra > 0 ? ` (burstCapacity ${extra} of it)` : ''} / target ${target}`,
  };
}

/** What the activators say of this moment: those held are a shortage and count in full; without them the mean of two seconds, which is less chance. */
export function present({ held, running, mean }: Live): number {
  return held > 0 ? Math.max(held + running, mean) : mean;
}
