/** What an extension may hear. */
export type Category = 'platform' | 'function' | 'extension';

/** Which of the two APIs it subscribed to: they differ in their platform events. */
export type TelemetryApi = 'telemetry' | 'logs';

export type Destination =
  | { protocol: 'HTTP'; method: string; port: number; host: string; path: string }
  | { protocol: 'TCP'; port: number };

export interface Subscription {
  api: TelemetryApi;
  schemaVersion: string;
  types: readonly Category[];
  destination: Destination;
  /** A batch is sent when it has so many events, or so many bytes, or its first event is so old. */
  maxItems: number;
  maxBytes: number;
  timeoutMillis: number;
}

const CATEGORIES: readonly string[] = ['platform', 'function', 'extension'];

const VERSIONS: Readonly<Record<TelemetryApi, readonly string[]>> = {
  telemetry: ['2022-07-01', '2022-12-13', '2025-01-29'],
  logs: ['2020-08-15', '2021-03-18'],
};

/** As AWS documents them: smallest, largest, default. The Logs API's smallest number of items is the same. */
const LIMITS = {
  maxItems: [1000, 10_000, 10_000],
  maxBytes: [262_144, 1_048_576, 262_144],
  timeoutMs: [25, 30_000, 1000],
} as const;

/** This pod, by the names that AWS gives it. */
const HOSTS = ['sandbox', 'sandbox.localdomain'];

/** Reads a PUT to /telemetry or /logs. Throws with all that is wrong, in one sentence. */
export function parseSubscription(api: TelemetryApi, body: string): Subscription {
  const request = object(JSON.parse(body));
  if (!request) throw new Error('the body is no JSON object');
  const wrong: string[] = [];
  const schemaVersion = request['schemaVersion'] ?? VERSIONS[api][0];
  if (typeof schemaVersion !== 'string' || !VERSIONS[api].includes(schemaVersion))
    wrong.push(`schemaVersion should be one of ${VERSIONS[api].join(', ')}`);
  const types = Array.isArray(request['types']) ? (request['types'] as unknown[]) : [];
  if (types.length === 0) wrong.push('types should not be empty');
  for (const type of types) if (!CATEGORIES.includes(String(type))) wrong.push(`types has ${JSON.stringify(type)}`);
  const buffering = object(request['buffering']) ?? {};
  const limit = (name: keyof typeof LIMITS): number => {
    const [min, max, fallback] = LIMITS[name];
    const value = buffering[name] ?? fallback;
    if (typeof value !== 'number' || !(value >= min && value <= max)) wrong.push(`buffering.${name} should be ${min} to ${max}`);
    return Number(value);
  };
  const subscription: Subscription = {
    api,
    schemaVersion: String(schemaVersion),
    types: types as Category[],
    destination: parseDestination(object(request['destination']) ?? {}, wrong),
    maxItems: limit('maxItems'),
    maxBytes: limit('maxBytes'),
    timeoutMillis: limit('timeoutMs'),
  };
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  return subscription;
}

function parseDestination(given: Record<string, unknown>, wrong: string[]): Destination {
  const { protocol, URI: uri, port, method = 'POST' } = given;
  if (protocol === 'TCP') {
    if (typeof port !== 'number' || !(port >= 1 && port <= 65_535)) wrong.push('destination.port is not provided');
    return { protocol, port: Number(port) };
  }
  if (protocol !== 'HTTP') wrong.push('destination.protocol should be HTTP or TCP');
  if (method !== 'POST' && method !== 'PUT') wrong.push('destination.method should be POST or PUT');
  const url = URL.parse(String(uri));
  if (url?.protocol !== 'http:') wrong.push('URI is not valid');
  else if (!HOSTS.includes(url.hostname)) wrong.push('URI host should be sandbox.localdomain or sandbox');
  else if (url.port === '') wrong.push('URI port is not provided');
  return {
    protocol: 'HTTP',
    method: String(method),
    port: Number(url?.port),
    host: url?.host ?? '',
    path: `${url?.pathname}${url?.search}`,
  };
}

function object(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
