import pino, { type Logger } from 'pino';
import { KubeError } from './kube/kube-error.ts';

export type { Logger } from 'pino';

/** A component's log: JSON lines on stdout, a constant message with fields beside it. */
export function createLogger(component: string, level: string): Logger {
  return pino({
    level,
    base: { component },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // An API server's refusal is told by what it said; the stack of ours would bury it.
    serializers: {
      err: (error: unknown) =>
        error instanceof KubeError
          ? { code: error.code, reason: error.reason, message: error.message }
          : pino.stdSerializers.err(error as Error),
    },
  });
}
