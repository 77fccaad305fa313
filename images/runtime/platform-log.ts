import type { LogFormat } from './log.ts';

/** What is the same for every line of a pod. */
export interface PlatformFacts {
  format: LogFormat;
  function: string;
  region: string;
  memoryMb: number;
  /** AWS_EXECUTION_ENV, such as AWS_Lambda_python3.11. */
  executionEnv: string;
}

export type Status = 'success' | 'error' | 'timeout';

/** The figures of an invocation. Milliseconds and bytes. */
export interface Report {
  requestId: string;
  durationMillis: number;
  /** Of the first invocation of a process only. */
  initMillis: number | undefined;
  maxMemoryBytes: number;
  status: Status;
  errorType: string | undefined;
  traceId: string;
}

/**
 * The lines that AWS Lambda itself writes, word for word: tabs, two decimals and the tab at a REPORT's end included, for whoever parses them. In JSON they are
 * the events of AWS's Telemetry API, those that a log group shows at its usual level, INFO. They come without an end of line; the log puts time and request in
 * front of those in text.
 */
export class PlatformLog {
  readonly #facts: PlatformFacts;

  constructor(facts: PlatformFacts) {
    this.#facts = facts;
  }

  get memoryMb(): number {
    return this.#facts.memoryMb;
  }

  /** Undefined for an image that names no runtime: AWS writes none for it either. */
  initStart(now: Date): string | undefined {
    const record = initStartRecord(this.#facts);
    const { runtimeVersion, runtimeVersionArn } = record;
    if (runtimeVersion === undefined) return undefined;
    const text = `INIT_START Runtime Version: ${runtimeVersion}\tRuntime Version ARN: ${runtimeVersionArn}`;
    return this.#line(text, now, 'platform.initStart', record);
  }

  /** Only of an initialization that failed, as AWS does. */
  initReport(now: Date, initMillis: number, status: Status, errorType: string | undefined): string {
    const text = `INIT_REPORT Init Duration: ${initMillis.toFixed(2)} ms\tPhase: init\tStatus: ${status}${typed(errorType)}`;
    return this.#line(text, now, 'platform.initReport', {
      initializationType: 'on-demand',
      phase: 'init',
      status,
      ...(errorType !== undefined && { errorType }),
      metrics: { durationMs: rounded(initMillis) },
    });
  }

  start(now: Date, requestId: string): string {
    return this.#line(`START RequestId: ${requestId} Version: $LATEST`, now, 'platform.start', { requestId, version: '$LATEST' });
  }

  /** END and REPORT; in JSON the report alone, an end being of level DEBUG there. */
  end(now: Date, report: Report): string[] {
    const { requestId, durationMillis, initMillis, status, errorType } = report;
    const { memoryMb } = this.#facts;
    const billed = billedMillis(durationMillis, initMillis);
    const maxMemory = Math.ceil(report.maxMemoryBytes / (1 << 20));
    if (this.#facts.format === 'JSON') {
      const metrics = {
        durationMs: rounded(durationMillis),
        billedDurationMs: billed,
        memorySizeMB: memoryMb,
        maxMemoryUsedMB: maxMemory,
        ...(initMillis !== undefined && { initDurationMs: rounded(initMillis) }),
      };
      const tracing = { type: 'X-Amzn-Trace-Id', value: report.traceId };
      return [event(now, 'platform.report', { requestId, metrics, tracing, status, ...(errorType !== undefined && { errorType }) })];
    }
    const init = initMillis === undefined ? '' : `Init Duration: ${initMillis.toFixed(2)} ms\t`;
    // A handler that raised has done its work, as far as Lambda goes: no status then.
    const failed =
      status === 'timeout' || errorType?.match(/^(Runtime|Function|Sandbox|Extension)\./) ? `Status: ${status}${typed(errorType)}` : '';
    return [
      `END RequestId: ${requestId}`,
      `REPORT RequestId: ${requestId}\tDuration: ${durationMillis.toFixed(2)} ms\tBilled Duration: ${billed} ms\t` +
        `Memory Size: ${memoryMb} MB\tMax Memory Used: ${maxMemory} MB\t${init}${failed}`,
    ];
  }

  #line(text: string, now: Date, type: string, record: Record<string, unknown>): string {
    return this.#facts.format === 'JSON' ? event(now, type, record) : text;
  }
}

/**
 * Whole milliseconds, rounded up; the initialization is billed since August 2025.
 *
 *     billed = ⌈duration + init⌉     e.g. 1233.96 ms and 463.512 ms: 1698 ms
 */
export function billedMillis(durationMillis: number, initMillis: number | undefined): number {
  return Math.ceil(durationMillis + (initMillis ?? 0));
}

/** The record of platform.initStart: without a version for an image that names no runtime. */
export function initStartRecord({ region, executionEnv, function: functionName }: PlatformFacts) {
  const [, runtime] = /^AWS_Lambda_(.+)$/.exec(executionEnv) ?? [];
  return {
    initializationType: 'on-demand',
    phase: 'init',
    ...(runtime !== undefined &&
      runtime !== 'Image' && {
        runtimeVersion: runtime.replace(/^([a-z]+)(?:\.|(?=\d))/, '$1:'),
        runtimeVersionArn: `arn:aws:lambda:${region}::runtime:${runtime}`,
      }),
    functionName,
    functionVersion: '$LATEST',
  };
}

function event(now: Date, type: string, record: Record<string, unknown>): string {
  return JSON.stringify({ time: now.toISOString(), type, record });
}

/** A timeout's type says no more than its status. */
function typed(errorType: string | undefined): string {
  return errorType === undefined || errorType.startsWith('Sandbox.') ? '' : `\tError Type: ${errorType}`;
}

/** To microseconds. */
export function rounded(millis: number): number {
  return Math.round(millis * 1000) / 1000;
}
