import type { Span, Tracer } from '@opentelemetry/api';
import { pathOf } from '../common/path-of.ts';
import type { Exchange } from './forward/exchange.ts';
import { withoutNamed } from './http1/fields.ts';

export interface TracingOptions {
  /** Base URL of an OTLP receiver (HTTP), without /v1/traces. */
  endpoint: string;
  /** Of requests that no caller has decided for, this fraction is traced. */
  ratio: number;
  instance: string;
}

/** A span of each traced request: the caller's trace goes on through it to the pod. */
export interface Tracing {
  /** A request has come: its span begins, and the pod is told of it by traceparent. */
  begin(exchange: Exchange): void;
  finished(exchange: Exchange): void;
  shutdown(): Promise<void>;
}

/** Loaded only when an endpoint is configured: the SDK costs memory that nobody else should pay for. */
export async function startTracing({ endpoint, ratio, instance }: TracingOptions): Promise<Tracing> {
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'lull-activator', 'service.instance.id': instance }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('lull');
  const spans = new WeakMap<Exchange, Span>();
  const time = (millis: number): number => performance.timeOrigin + millis;
  return {
    begin: (exchange) => {
      const { request, fn } = exchange;
      const parent = parse(request.traceparent);
      const context = parent ? api.trace.setSpanContext(api.ROOT_CONTEXT, { ...parent, isRemote: true }) : api.ROOT_CONTEXT;
      const options = { kind: api.SpanKind.SERVER, startTime: time(exchange.arrived) };
      const span = tracer.startSpan(`${request.method} ${fn.key}`, options, context);
      const { traceId, spanId, traceFlags } = span.spanContext();
      request.fields = withoutNamed(request.fields, ['traceparent']);
      request.fields.push('traceparent', `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`);
      if (span.isRecording()) spans.set(exchange, span);
    },
    finished: (exchange) => {
      const span = spans.get(exchange);
      if (!span) return;
      const { request, fn, status, errorCode, pod } = exchange;
      span.setAttributes({
        'http.request.method': request.method,
        'http.response.status_code': status,
        'url.path': pathOf(exchange.route.target),
        'client.address': exchange.client.address,
        'faas.name': fn.key,
        'http.request.id': exchange.requestId,
        ...(pod && { 'k8s.pod.name': pod.name }),
        ...(errorCode !== undefined && { 'error.type': errorCode }),
      });
      if (status >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR, ...(errorCode !== undefined && { message: errorCode }) });
      const parts = held(exchange);
      addParts(
        tracer,
        api.trace.setSpan(api.ROOT_CONTEXT, span),
        parts.map(({ name, from, to }) => ({ name, from: time(from), to: time(to) })),
      );
      span.end(time(performance.now()));
    },
    shutdown: () => provider.shutdown(),
  };
}

interface Part {
  name: string;
  from: number;
  to: number;
}

/** What a request that waited spent its time on: the phases of the cold start, or the hold. */
function held({ fn, held: wasHeld, arrived, started, firstByte }: Exchange): Part[] {
  if (!wasHeld || Number.isNaN(started)) return [];
  const cold = fn.coldStart;
  if (!cold || Number.isNaN(firstByte) || arrived > (cold.claimed ?? cold.announced ?? 0))
    return [{ name: 'hold', from: arrived, to: started }];
  let at = Math.max(arrived, cold.begun);
  return cold.phases(arrived, firstByte).map(({ phase, millis }) => {
    const from = at;
    at += millis;
    return { name: `cold start: ${phase}`, from, to: at };
  });
}

function addParts(tracer: Tracer, context: Parameters<Tracer['startSpan']>[2], parts: readonly Part[]): void {
  for (const { name, from, to } of parts) tracer.startSpan(name, { startTime: from }, context).end(to);
}

/** W3C trace context, version 00. */
function parse(traceparent: string | undefined): { traceId: string; spanId: string; traceFlags: number } | undefined {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '');
  if (!match || /^0+$/.test(match[1] as string) || /^0+$/.test(match[2] as string)) return undefined;
  return { traceId: match[1] as string, spanId: match[2] as string, traceFlags: Number.parseInt(match[3] as string, 16) };
}
