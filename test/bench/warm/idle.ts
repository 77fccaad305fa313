import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeTransport } from '../../../common/kube/transport.ts';
import { withNamespace } from '../../support/functions.ts';
import { apply, must } from '../../support/kubectl.ts';
import { poolPods, untilFree, warmPool } from '../../support/warm-pools.ts';
import type { Bar } from './bar.ts';

const SECONDS = 30;
/** Private memory of every process, in KiB, and the jiffies (1/100 s) that they have used. */
const LOOK = `for p in /proc/[0-9]*; do case "$p" in /proc/$$) continue;; esac
  awk '/^Private_(Clean|Dirty):/ {sum += $2} END {print "memory", sum + 0}' "$p/smaps_rollup" 2>/dev/null
  awk '{print "jiffies", $14 + $15}' "$p/stat" 2>/dev/null
  echo "process $(tr '\\0' ' ' < $p/cmdline | cut -c1-60)"
done`;

/** What a free pod with boto3 imported holds and uses. */
export async function idle(kube: KubeTransport, namespace: string): Promise<Bar[]> {
  await withNamespace(namespace);
  await apply(warmPool('pool', namespace, { runtime: 'python3.11', size: 1 }));
  await untilFree(kube, namespace, 'pool', 1);
  const pod = (await poolPods(kube, namespace, 'pool', 'free'))[0]?.metadata.name ?? '';
  const look = async (): Promise<{ memoryKib: number; jiffies: number; text: string }> => {
    const text = await must(['exec', '-n', namespace, pod, '--', 'sh', '-c', LOOK]);
    const sum = (word: string): number =>
      [...text.matchAll(new RegExp(`^${word} (\\d+)`, 'gm'))].reduce((all, [, n]) => all + Number(n), 0);
    return { memoryKib: sum('memory'), jiffies: sum('jiffies'), text };
  };
  const before = await look();
  await sleep(SECONDS * 1000);
  const after = await look();
  console.log(after.text.replace(/^(?=process)/gm, '  '));
  const millicores = ((after.jiffies - before.jiffies) * 10) / SECONDS;
  return [
    {
      text: `an idle generic Python pod: ${(after.memoryKib / 1024).toFixed(1)} MiB of private memory, bridge and interpreter with boto3`,
      met: true,
    },
    { text: `it uses ${millicores.toFixed(2)} millicores over ${SECONDS} s (bar 1)`, met: millicores <= 1 },
  ];
}
