import { request } from 'undici';
import { demandToken, type Loads } from '../../common/api/demand.ts';
import { DELETION_COST } from '../../common/api/names.ts';
import type { Pod } from '../function/objects.ts';

const TIMEOUT_MILLIS = 1000;

/** Asks every activator which pods of a function (NAMESPACE/NAME) are busy; requests by pod, summed. Throws when one does not answer. */
export async function askLoads(addresses: readonly string[], announceKey: string, fn: string): Promise<ReadonlyMap<string, number>> {
  const headers = { authorization: `Bearer ${demandToken(announceKey)}` };
  const sum = new Map<string, number>();
  const answers = await Promise.all(
    addresses.map(async (address) => {
      const { statusCode, body } = await request(`http://${address}/v1/loads/${fn}`, {
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MILLIS),
      });
      if (statusCode !== 200) throw new Error(`the activator at ${address} answered ${statusCode} when asked for the loads of ${fn}`);
      return (await body.json()) as Loads;
    }),
  );
  for (const { pods } of answers) for (const [pod, running] of Object.entries(pods)) sum.set(pod, (sum.get(pod) ?? 0) + running);
  return sum;
}

/**
 * The deletion costs to write before a scale-down, so that the pods with the least work go first; pure. A pod costs as many as it has requests; those whose annotation
 * says so already are left alone, so that a function whose pods are idle costs no write at all.
 */
export function deletionCosts(pods: readonly Pod[], loads: ReadonlyMap<string, number>): { pod: string; cost: number }[] {
  return pods.flatMap(({ metadata }) => {
    if (metadata.deletionTimestamp) return [];
    const cost = loads.get(metadata.name) ?? 0;
    return cost === Number(metadata.annotations?.[DELETION_COST] ?? 0) ? [] : [{ pod: metadata.name, cost }];
  });
}
