import type { ErrorCode } from '../errors.ts';
import type { Exchange } from '../forward/exchange.ts';
import type { ColdStart, Phase } from '../wake/cold-start.ts';
import { Buckets } from './buckets.ts';

/** Seconds. At most twelve a histogram, or a thousand functions are too much for a Prometheus. */
const SECONDS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 30] as const;
const PHASE_SECONDS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5] as const;

/** The figures of one function: plain numbers, that a request adds to without looking anything up. */
export class FunctionMetrics {
  /** Answers by class of status: 1xx (upgrades) to 5xx. */
  readonly classes = new Float64Array(5);
  /** Clients that left before they were answered to the end. */
  left = 0;
  readonly errors = new Map<ErrorCode, number>();
  readonly response = new Buckets(SECONDS);
  readonly hold = new Buckets(SECONDS);
  /** By who answered first: a pod of its own, or one that was claimed from a warm pool. */
  readonly coldStarts = { ordinary: new Buckets(SECONDS), claimed: new Buckets(SECONDS) };
  readonly phases = new Map<Phase, Buckets>();
  requestBytes = 0;
  responseBytes = 0;

  /** Accounts for a request that has ended. */
  finished(exchange: Exchange): void {
    const { status } = exchange;
    if (status === 499) this.left += 1;
    else {
      const at = Math.floor(status / 100) - 1;
      this.classes[at] = (this.classes[at] as number) + 1;
    }
    if (exchange.errorCode !== undefined) this.errors.set(exchange.errorCode, (this.errors.get(exchange.errorCode) ?? 0) + 1);
    if (exchange.firstByte >= 0) this.response.observe((exchange.firstByte - exchange.arrived) / 1000);
    if (exchange.held && exchange.started >= 0) this.hold.observe((exchange.started - exchange.arrived) / 1000);
    this.requestBytes += exchange.bytesIn;
    this.responseBytes += exchange.bytesOut;
  }

  /** Accounts for a wake, when its first pod has answered a request. */
  woke(cold: ColdStart, firstByte: number): void {
    this.coldStarts[cold.kind].observe((firstByte - cold.begun) / 1000);
    for (const { phase, millis } of cold.phases(cold.begun, firstByte)) {
      let buckets = this.phases.get(phase);
      if (!buckets) {
        buckets = new Buckets(PHASE_SECONDS);
        this.phases.set(phase, buckets);
      }
      buckets.observe(millis / 1000);
    }
  }
}
