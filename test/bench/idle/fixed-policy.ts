import type { IdlePolicy } from '../../../operator/autoscaler/idle/idle-policy.ts';

/** `spec.scale.idle: fixed`. */
export const fixedPolicy: IdlePolicy = (_history, fallbackSeconds) => ({
  keepSeconds: fallbackSeconds,
  reason: `idleSeconds ${fallbackSeconds}`,
});
