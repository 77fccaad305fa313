/**
 * `make bench-boost [WAKES=10]`: the ordinary wake of a handler with boto3, with and without spec.startupBoost, interleaved: on an idle node, and beside two pods that are always busy and
 * request 200m each. Prints p50 and worst; exits 1 when the boost does not pay on the busy node.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { pythonFunction, untilReady, withNamespace } from '../../support/functions.ts';
import { call } from '../../support/http.ts';
import { kubeFromEnvironment } from '../../support/kube.ts';
import { apply, kubectl } from '../../support/kubectl.ts';
import { toZero } from '../../support/warm-pools.ts';
import { median } from '../coldstart/statistics.ts';

const NAMESPACE = 'bench-boost';
const WAKES = Number(process.env['WAKES'] ?? 10);
const FUNCTIONS = ['usual', 'boosted'] as const;
const source = "import boto3\ndef lambda_handler(event, context):\n    return {'statusCode': 200, 'body': 'ok'}\n";
const kube = kubeFromEnvironment();

/** A pod that uses all the CPU that it gets, for at most five minutes. */
const busy = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    activeDeadlineSeconds: 300,
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'busy',
        image: process.env['LULL_TEST_PYTHON_IMAGE'] ?? 'docker.io/lull/python:dev',
        imagePullPolicy: 'IfNotPresent',
        command: ['python3', '-c', 'while True: pass'],
        resources: { requests: { cpu: '200m' } },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
});

await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found']);
await withNamespace(NAMESPACE);
const scale = { idleSeconds: 600 };
await apply(
  pythonFunction('usual', NAMESPACE, source, { scale }),
  pythonFunction('boosted', NAMESPACE, source, { scale, startupBoost: { cpu: '500m' } }),
);
const revisions = new Map<string, string>();
for (const name of FUNCTIONS) revisions.set(name, (await untilReady(name, NAMESPACE)).status?.activeRevision ?? '');

async function measure(what: string): Promise<Map<string, number>> {
  const samples = new Map<string, number[]>(FUNCTIONS.map((name) => [name, []]));
  for (let wake = 0; wake <= WAKES; wake += 1) {
    for (const name of FUNCTIONS) {
      const answer = await call(name, NAMESPACE);
      if (answer.status !== 200) throw new Error(`${name} answered ${answer.status} ${answer.body}`);
      // The first of each is not counted.
      if (wake > 0) samples.get(name)?.push(answer.firstByteMillis);
      await toZero(kube, NAMESPACE, name, revisions.get(name) ?? '');
    }
  }
  for (const [name, millis] of samples)
    console.log(`${what}, ${name.padEnd(7)}: p50 ${median(millis).toFixed(0)}, worst ${Math.max(...millis).toFixed(0)} ms (n = ${WAKES})`);
  return new Map([...samples].map(([name, millis]) => [name, median(millis)]));
}

await measure('idle node');
await apply(busy('busy-1'), busy('busy-2'));
// Until they have used up what they saved while they waited.
await sleep(3000);
const p50 = await measure('beside two busy pods');
await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
await kube.close();
const ratio = (p50.get('boosted') ?? Number.NaN) / (p50.get('usual') ?? Number.NaN);
console.log(`on the busy node a boosted start takes ${ratio.toFixed(2)} of the usual one`);
process.exit(ratio < 0.8 ? 0 : 1);
