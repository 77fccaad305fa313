import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

/** A component's log: JSON lines on stdout, a constant message with fields beside it. */
export function createLogger(component: string, level: string): Logger {
  return pino({
    level,
    base: { component },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
