import { randomBytes } from 'node:crypto';
import { getJson, kubectl, must } from '../../support/kubectl.ts';
import { until } from '../../support/wait.ts';
import type { KeyName } from './cases.ts';
import { NAMESPACE, OTHER_NAMESPACE } from './functions.ts';

const SYSTEM = 'lull-system';
const SECRET = 'lull-lambda-keys';

export interface Key {
  id: string;
  secret: string;
  token?: string;
}

interface PodList {
  items: { metadata: { name: string; deletionTimestamp?: string } }[];
}

export type Keys = Readonly<Record<Exclude<KeyName, 'none'>, Key>>;

/** Issues the keys that the table names, beside those that there are; those that are good are so for these namespaces. */
export async function issueKeys(namespaces: readonly string[] = [NAMESPACE, OTHER_NAMESPACE]): Promise<Keys> {
  const secret = (): string => randomBytes(30).toString('base64');
  const all = { id: 'E2EALL', secret: secret() };
  const one = { id: 'E2EONE', secret: secret() };
  await kubectl(['create', 'secret', 'generic', SECRET, '-n', SYSTEM]);
  await patch({
    [all.id]: `secretAccessKey: ${all.secret}\nnamespaces: [${namespaces.join(', ')}]\nactions: ['lambda:*']\n`,
    [one.id]: `secretAccessKey: ${one.secret}\nnamespaces: [${namespaces[0]}]\nfunctions: [behave]\n`,
  });
  return {
    all,
    one,
    unknown: { id: 'E2ENOBODY', secret: secret() },
    wrong: { ...all, secret: secret() },
    session: { ...all, token: 'a session token' },
  };
}

/** Takes them back. */
export function revokeKeys(): Promise<unknown> {
  return kubectl(['patch', 'secret', SECRET, '-n', SYSTEM, '--type=merge', '-p', JSON.stringify({ data: { E2EALL: null, E2EONE: null } })]);
}

/** Issues one key, for every function of some namespaces. */
export async function issueKey(id: string, namespaces: readonly string[]): Promise<Key> {
  const key = { id, secret: randomBytes(30).toString('base64') };
  await kubectl(['create', 'secret', 'generic', SECRET, '-n', SYSTEM]);
  await patch({ [id]: `secretAccessKey: ${key.secret}\nnamespaces: [${namespaces.join(', ')}]\nactions: ['lambda:*']\n` });
  return key;
}

export function revokeKey(id: string): Promise<unknown> {
  return kubectl(['patch', 'secret', SECRET, '-n', SYSTEM, '--type=merge', '-p', JSON.stringify({ data: { [id]: null } })]);
}

async function patch(stringData: Record<string, string>): Promise<void> {
  await must(['patch', 'secret', SECRET, '-n', SYSTEM, '--type=merge', '-p', JSON.stringify({ stringData })]);
}

/** A kubelet looks at a pod's Secrets about once a minute; a change of the pod makes it look now. */
export async function hastenKubelets(): Promise<string[]> {
  const { items } = await getJson<PodList>(['pods', '-n', SYSTEM, '-l', 'app.kubernetes.io/component in (activator,manager)']);
  // Not those that an installation just now has replaced.
  const names = items.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => `pod/${metadata.name}`);
  for (const name of names) await must(['annotate', '-n', SYSTEM, name, `lull.dev/looked-at=${Date.now()}`, '--overwrite']);
  return names;
}

/** Waits until every activator has taken keys over since then. */
export async function untilKeysKnown(since: Date): Promise<void> {
  const names = await hastenKubelets();
  for (const name of names)
    await until(
      `${name} knows the keys`,
      async () => {
        const lines = (await must(['logs', '-n', SYSTEM, name, `--since-time=${since.toISOString()}`])).split('\n');
        return lines.some((line) => line.includes('keys taken over') && !line.includes('"keys":0'));
      },
      150_000,
      500,
    );
}
