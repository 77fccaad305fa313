import type { Condition } from '../../common/api/meta.ts';

export const SCALING_ACTIVE = 'ScalingActive';

export type ScalingCondition = Pick<Condition, 'status' | 'reason' | 'message'>;

/** What speaks against scaling by the spec, as the autoscaler met it. */
export interface Trouble {
  /** Nothing was seen at all. */
  missing?: string;
  /** Of this function nothing could be seen. */
  unseen?: string;
  /** A window that the scrape interval cannot resolve. */
  refused?: string;
  schedule?: string;
  /** Metrics that cannot be read, in words. */
  unread?: readonly string[];
  fixedBy?: string;
  paused?: boolean;
}

/** The condition ScalingActive, named as a HorizontalPodAutoscaler's: True while the number of pods follows what the spec says; pure. */
export function scalingCondition(trouble: Trouble): ScalingCondition {
  const no = (reason: string, message: string): ScalingCondition => ({ status: 'False', reason, message });
  if (trouble.fixedBy !== undefined) {
    return no('Fixed', `${trouble.fixedBy} fixes the number of pods; remove it to hand the function back`);
  }
  if (trouble.paused) return no('Paused', 'spec.scale.paused is true: the number of pods is left as it is');
  if (trouble.missing !== undefined) {
    return no('PrometheusUnavailable', `nothing is scaled down, and up only by the activators' own figures: ${trouble.missing}`);
  }
  if (trouble.refused !== undefined) return no('WindowTooShort', trouble.refused);
  if (trouble.schedule !== undefined) return no('InvalidSchedule', `${trouble.schedule}; the rest of spec.scale holds`);
  if (trouble.unread && trouble.unread.length > 0) {
    return no('QueryFailed', `${trouble.unread.join('; ')} (the other metrics go on, and nothing is scaled down)`);
  }
  if (trouble.unseen !== undefined) return { status: 'Unknown', reason: 'NoSample', message: trouble.unseen };
  return { status: 'True', reason: 'Following', message: 'the number of pods follows spec.scale' };
}
