import { untilReady, withNamespace } from '../../support/functions.ts';
import { lullUrl } from '../../support/http.ts';
import { apply, getJson, kubectl } from '../../support/kubectl.ts';
import { until } from '../../support/wait.ts';
import { CASES } from './cases.ts';
import { type Client, goClient, nodeClient, pythonClient, runClient } from './clients.ts';
import { differences, type Outcome } from './compare.ts';
import { FUNCTIONS, NAMESPACE, OTHER_NAMESPACE } from './functions.ts';
import { issueKeys, type Keys, revokeKeys, untilKeysKnown } from './keys.ts';
import type { ClientResult } from './report.ts';

/** Makes the cluster ready for the table: namespaces, functions that are up, keys that every activator knows. */
export async function prepare(): Promise<Keys> {
  const since = new Date();
  const keys = await issueKeys();
  for (const namespace of [NAMESPACE, OTHER_NAMESPACE]) await withNamespace(namespace);
  await apply(...FUNCTIONS);
  await Promise.all([
    untilUp('behave', NAMESPACE),
    untilUp('behave-node', NAMESPACE),
    untilUp('slow', NAMESPACE),
    untilUp('echo', OTHER_NAMESPACE),
  ]);
  await untilReady('asleep', NAMESPACE);
  await untilKeysKnown(since);
  return keys;
}

export async function tidy(): Promise<void> {
  await revokeKeys();
  await kubectl(['delete', 'namespace', NAMESPACE, OTHER_NAMESPACE, '--wait=false']);
}

export async function clients(): Promise<Client[]> {
  return [await pythonClient(), await nodeClient(), await goClient()];
}

/** The table by one client. */
export async function run(client: Client, keys: Keys, endpoint = lullUrl().origin, cases = CASES): Promise<ClientResult> {
  const outcomes = await runClient<Outcome>(client, { endpoint, keys, cases });
  return {
    client: client.name,
    wrong: cases.map(({ expect }, i) => differences(expect, outcomes[i] ?? { status: 0, error: 'no answer' })),
  };
}

async function untilUp(name: string, namespace: string): Promise<void> {
  await until(
    `a Ready pod of ${namespace}/${name}`,
    async () => ((await getJson<{ status?: { readyReplicas?: number } }>(['fn', name, '-n', namespace])).status?.readyReplicas ?? 0) > 0,
    90_000,
    300,
  );
}
