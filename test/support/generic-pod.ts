import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { files, KEY, type Rig } from '../../activator/testing/rig.ts';
import type { ContainerVariable } from '../../activator/warm/environment.ts';
import type { LullFunction } from '../../common/api/function.ts';
import { announceToken } from '../../common/api/token.ts';
import { poolSubject } from '../../common/api/warm-pool.ts';
import { callAt } from './http.ts';
import { until } from './wait.ts';

export const testing = path.resolve(import.meta.dirname, '../../images/runtime/testing');
/** Where pods expect their code; all of them the same, for it is in their environment. */
export const taskRoot = mkdtempSync(path.join(tmpdir(), 'lull-task-'));
const COMMAND = JSON.stringify([process.execPath, path.join(testing, 'launch.mjs')]);
/** Files of tests run beside one another. */
let nextPort = 21_500 + 200 * Number(process.env['VITEST_POOL_ID'] ?? 0);

/** A pod of the pool `pool`, which is the bridge as it is in one, and an interpreter that waits. */
export class GenericPod {
  readonly name: string;
  readonly port = nextPort++;
  readonly adminPort = nextPort++;
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';

  constructor(rig: Rig, name: string, env: Record<string, string> = {}) {
    this.name = name;
    this.process = spawn(process.execPath, [path.join(testing, '../main.ts')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        IMAGE: 'has-this',
        LULL_MODE: 'generic',
        LULL_NAMESPACE: 'ns',
        LULL_POOL: 'pool',
        LULL_TEMPLATE: 'template-1',
        LULL_TOKEN: announceToken(KEY, poolSubject('ns', 'pool')),
        LULL_POD: name,
        LULL_POD_IP: '127.0.0.1',
        LULL_ACTIVATOR: rig.controlAddress,
        LULL_PORT: String(this.port),
        LULL_ADMIN_PORT: String(this.adminPort),
        LULL_COMMAND: COMMAND,
        LULL_TASK_ROOT: taskRoot,
        ...env,
      },
    });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
  }

  async ready(): Promise<this> {
    await until(
      'a free pod is ready',
      async () => (await callAt('127.0.0.1', this.adminPort, { path: '/readyz' })).status === 200,
      10_000,
      20,
    );
    return this;
  }
}

/** What the Deployment of a revision of `name` has as its container's environment. */
export const variables = (name: string, own: ContainerVariable[] = []): ContainerVariable[] => [
  ...own,
  { name: 'LULL_MODE', value: 'lambda' },
  { name: 'LULL_NAMESPACE', value: 'ns' },
  { name: 'LULL_FUNCTION', value: name },
  { name: 'LULL_REVISION', value: `${name}-1` },
  { name: 'LULL_POD', valueFrom: { fieldRef: {} } },
  { name: 'LULL_POD_IP', valueFrom: { fieldRef: {} } },
  { name: 'LULL_TOKEN', value: announceToken(KEY, { namespace: 'ns', function: name, revision: `${name}-1` }) },
  { name: 'LULL_HANDLER', value: 'handler.handler' },
  { name: 'LULL_COMMAND', value: COMMAND },
  { name: 'LULL_RUNTIME_API_PORT', value: '0' },
  { name: 'LULL_TASK_ROOT', value: taskRoot },
];

/** A Function, at zero, that may use the pool, and its Deployment. */
export function addWarm(
  rig: Rig,
  name: string,
  own: ContainerVariable[] = [],
  spec: Partial<LullFunction['spec']> = {},
  replicas = 0,
): void {
  rig.plane.table.functionChanged({
    apiVersion: 'lull.dev/v1alpha1',
    kind: 'Function',
    metadata: { name, namespace: 'ns', uid: `u-${name}` },
    spec: { runtime: 'node', handler: 'handler.handler', code: { inline: files }, ...spec },
    status: {
      activeRevision: `${name}-1`,
      warm: { eligible: true, reason: '', pool: 'pool', template: 'template-1', revision: `${name}-1` },
    },
  });
  const labels = { 'lull.dev/function': name, 'lull.dev/revision': `${name}-1` };
  const env = [...variables(name, own), { name: 'LULL_ACTIVATOR', value: rig.controlAddress }];
  const template = { spec: { containers: [{ name: 'function', env }] } };
  rig.plane.table.deploymentChanged({ metadata: { name: `${name}-1`, namespace: 'ns', labels }, spec: { replicas, template } }, false);
}

/** Claims of an activator that ended so. */
export const claims = async (rig: Rig, result: string): Promise<number> => {
  const { values } = (await rig.plane.metrics.claims.get()) as { values: { labels: Record<string, string | number>; value: number }[] };
  return values.find(({ labels }) => labels['result'] === result)?.value ?? 0;
};
