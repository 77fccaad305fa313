/**
 * `make bench-warm [WAKES=30 ONLY=single,many,idle,soak CLAIMS=1000]`: the first answer at zero from a warm pool, interleaved with the ordinary wake of the same handler in one run; 30
 * functions woken within a second by a pool of 5; what an idle generic pod costs; and claims in a row. Exits 1 when a bar of issue 7 is missed.
 */
import { kubeFromEnvironment } from '../../support/kube.ts';
import { kubectl } from '../../support/kubectl.ts';
import { idle } from './idle.ts';
import { many } from './many.ts';
import { single } from './single.ts';
import { soak } from './soak.ts';

const PARTS = { single, many, idle, soak } as const;
const only = process.env['ONLY']?.split(',');
const kube = kubeFromEnvironment();
let missed = 0;
for (const [name, part] of Object.entries(PARTS)) {
  if (only && !only.includes(name)) continue;
  const namespace = `bench-warm-${name}`;
  await kubectl(['delete', 'namespace', namespace, '--ignore-not-found']);
  for (const { text, met } of await part(kube, namespace)) {
    console.log(`${met ? 'ok    ' : 'MISSED'} ${text}`);
    if (!met) missed += 1;
  }
  await kubectl(['delete', 'namespace', namespace, '--wait=false']);
}
await kube.close();
process.exit(missed > 0 ? 1 : 0);
