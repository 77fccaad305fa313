import type { Invocation } from '../invocation.ts';
import { billedMillis, initStartRecord, type PlatformFacts, type Report, rounded, type Status } from '../platform-log.ts';
import type { Extension } from './extension.ts';
import type { Subscription, TelemetryApi } from './subscription.ts';
import type { Records } from './telemetry.ts';

/** AWS's platform events, as the Telemetry API and, before it, the Logs API tell them. */

const INIT = { initializationType: 'on-demand', phase: 'init' } as const;

export function initStart(facts: PlatformFacts): Records {
  return { telemetry: { type: 'platform.initStart', record: initStartRecord(facts) }, logs: undefined };
}

export function initRuntimeDone(status: Status, errorType: string | undefined): Records {
  return { telemetry: { type: 'platform.initRuntimeDone', record: { ...INIT, status, ...typed(errorType) } }, logs: undefined };
}

export function initReport(durationMillis: number, status: Status, errorType: string | undefined): Records {
  const record = { ...INIT, status, ...typed(errorType), metrics: { durationMs: rounded(durationMillis) } };
  return { telemetry: { type: 'platform.initReport', record }, logs: undefined };
}

export function extensionRecords({ name, state, events, errorType }: Extension): Records {
  const event = { type: 'platform.extension', record: { name, state, events, ...typed(errorType) } };
  return { telemetry: event, logs: event };
}

export function subscribed(name: string, { api, types }: Subscription): Records {
  const record = { name, state: 'Subscribed', types };
  const type: Record<TelemetryApi, string> = { telemetry: 'platform.telemetrySubscription', logs: 'platform.logsSubscription' };
  const event = { type: type[api], record };
  return { telemetry: api === 'telemetry' ? event : undefined, logs: api === 'logs' ? event : undefined };
}

export function start({ id, traceId }: Invocation): Records {
  const record = { requestId: id, version: '$LATEST' };
  return {
    telemetry: { type: 'platform.start', record: { ...record, tracing: tracing(traceId) } },
    logs: { type: 'platform.start', record },
  };
}

/** How the runtime ended an invocation. Times are those of performance.now(); `answered` is undefined where it never did. */
export interface RuntimeDone {
  invocation: Invocation;
  answered: number | undefined;
  producedBytes: number;
  status: Status;
  errorType: string | undefined;
}

export function runtimeDone({ invocation, answered, producedBytes, status, errorType }: RuntimeDone, now: number, wall: number): Records {
  const { id: requestId, started, traceId } = invocation;
  const at = (time: number): string => new Date(wall - (now - time)).toISOString();
  const span = (name: string, from: number, to: number) => ({ name, start: at(from), durationMs: rounded(to - from) });
  const spans =
    answered === undefined
      ? []
      : [span('responseLatency', started, answered), span('responseDuration', answered, answered), span('runtimeOverhead', answered, now)];
  const record = {
    requestId,
    status,
    ...typed(errorType),
    metrics: { durationMs: rounded(now - started), producedBytes },
    spans,
    tracing: tracing(traceId),
  };
  return {
    telemetry: { type: 'platform.runtimeDone', record },
    logs: { type: 'platform.runtimeDone', record: { requestId, status: status === 'error' ? 'failure' : status } },
  };
}

export function report(of: Report, memoryMb: number): Records {
  const { requestId, initMillis, status, traceId } = of;
  const metrics = {
    durationMs: rounded(of.durationMillis),
    billedDurationMs: billedMillis(of.durationMillis, initMillis),
    memorySizeMB: memoryMb,
    maxMemoryUsedMB: Math.ceil(of.maxMemoryBytes / (1 << 20)),
    ...(initMillis !== undefined && { initDurationMs: rounded(initMillis) }),
  };
  const type = 'platform.report';
  return {
    telemetry: { type, record: { requestId, status, ...typed(of.errorType), metrics, tracing: tracing(traceId) } },
    logs: { type, record: { requestId, metrics } },
  };
}

/** The Logs API has an end besides, and says of a runtime that failed what the log says. */
export function end(requestId: string): Records {
  return { telemetry: undefined, logs: { type: 'platform.end', record: { requestId } } };
}

export function fault(text: string): Records {
  return { telemetry: undefined, logs: { type: 'platform.fault', record: text } };
}

function typed(errorType: string | undefined): { errorType?: string } {
  return errorType === undefined ? {} : { errorType };
}

function tracing(value: string): object {
  return { type: 'X-Amzn-Trace-Id', value };
}
