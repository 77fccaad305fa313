import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';

/** Where a server is that speaks Prometheus' HTTP API (Prometheus itself, Thanos, Mimir, VictoriaMetrics), and how it lets one in. */
export interface PrometheusOptions {
  url: string;
  /** File with a bearer token; read for each query, for a mounted token rotates. */
  tokenFile?: string;
  /** File with certificates to trust instead of the system's; read once, at the start. */
  caFile?: string;
  /** Sent along with each query, such as X-Scope-OrgID. */
  headers?: Readonly<Record<string, string>>;
  timeoutMillis?: number;
}

/** One element of an instant vector. */
export interface Sample {
  metric: Readonly<Record<string, string>>;
  value: number;
}

/** Far more than all signals of 10,000 functions. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_CONNECTIONS = 8;

/** Asks instant queries. Whatever goes wrong is an Error whose message says what, in the server's own words if it has any. */
export class PrometheusClient {
  readonly #options: PrometheusOptions;
  readonly #agent: Agent;
  readonly #url: string;
  /** Queries asked since the beginning. */
  asked = 0;

  constructor(options: PrometheusOptions) {
    this.#options = options;
    this.#url = `${options.url.replace(/\/$/, '')}/api/v1/query`;
    this.#agent = new Agent({
      connections: MAX_CONNECTIONS,
      maxResponseSize: MAX_BYTES,
      connect: { timeout: 2000, ...(options.caFile !== undefined && { ca: readFileSync(options.caFile, 'utf8') }) },
    });
  }

  /** The vector that an expression gives now; a scalar counts as a vector of one. */
  async query(expression: string): Promise<Sample[]> {
    this.asked += 1;
    const { tokenFile, headers = {}, timeoutMillis = 2000 } = this.#options;
    const token = tokenFile === undefined ? undefined : readFileSync(tokenFile, 'utf8').trim();
    const { statusCode, body } = await request(this.#url, {
      dispatcher: this.#agent,
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: new URLSearchParams({ query: expression }).toString(),
      signal: AbortSignal.timeout(timeoutMillis),
    });
    return read(statusCode, await body.text());
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

interface Answer {
  status?: unknown;
  error?: unknown;
  data?: { resultType?: unknown; result?: unknown };
}

function read(status: number, text: string): Sample[] {
  let answer: Answer;
  try {
    answer = JSON.parse(text) as Answer;
  } catch {
    throw new Error(`Prometheus answered ${status} with something that is not JSON: ${text.slice(0, 200)}`);
  }
  if (typeof answer?.error === 'string') throw new Error(answer.error);
  if (status !== 200) throw new Error(`Prometheus answered ${status}: ${text.slice(0, 200)}`);
  const { resultType, result } = answer?.data ?? {};
  if (answer?.status !== 'success' || !Array.isArray(result))
    throw new Error(`Prometheus answered something that is no result: ${text.slice(0, 200)}`);
  if (resultType === 'scalar') return [{ metric: {}, value: Number(result[1]) }];
  if (resultType !== 'vector') throw new Error(`the expression gives a ${String(resultType)}, and an instant vector or a scalar is wanted`);
  return result.flatMap((element: { metric?: Record<string, string>; value?: [number, string] }) =>
    Array.isArray(element?.value) ? [{ metric: element.metric ?? {}, value: Number(element.value[1]) }] : [],
  );
}
