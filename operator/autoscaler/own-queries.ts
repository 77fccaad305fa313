import type { PrometheusClient, Sample } from './prometheus-client.ts';

/** What a query gave: a number, or why it gave none. */
export type QueryResult = { value: number } | { error: string };

/** Queries that are under way at once: a Prometheus answers 20 at once by default. */
const AT_ONCE = 8;

/** Fills in {{namespace}} and {{name}}. They are DNS labels, so nothing in them can end a string of PromQL. */
export function renderQuery(query: string, namespace: string, name: string): string {
  return query.replaceAll('{{namespace}}', namespace).replaceAll('{{name}}', name);
}

/** Asks functions' own queries, each different one once; what is wrong with one is its own affair. */
export async function askQueries(client: Pick<PrometheusClient, 'query'>, queries: Iterable<string>): Promise<Map<string, QueryResult>> {
  const results = new Map<string, QueryResult>();
  const waiting = [...new Set(queries)];
  const work = async (): Promise<void> => {
    for (let query = waiting.pop(); query !== undefined; query = waiting.pop()) results.set(query, await askOne(client, query));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

async function askOne(client: Pick<PrometheusClient, 'query'>, query: string): Promise<QueryResult> {
  try {
    return single(await client.query(query));
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function single(samples: readonly Sample[]): QueryResult {
  const first = samples[0];
  if (first === undefined) return { error: 'the query gives no sample: nothing of that name and labels is scraped (now)' };
  if (samples.length > 1) return { error: `the query gives ${samples.length} samples, and one is wanted: put sum(…) or max(…) around it` };
  if (!Number.isFinite(first.value)) return { error: `the query gives ${first.value}, which is no number to scale by` };
  if (first.value < 0)
    return { error: `the query gives ${first.value}, and less than nothing cannot be scaled by: put clamp_min(…, 0) around it` };
  return { value: first.value };
}
