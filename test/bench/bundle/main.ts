/**
 * `make bench-bundle [WAKES=10] [ROUNDS=3]`: what 50 MB of code cost a wake, against the same handler alone, interleaved in one run. In each round the large code is new: its first wake is that of a
 * node that never ran it, the others those of one that has. Prints a table; exits 1 when a bar of issue 6 is missed. Where the node's disk is at hand, says also what that alone takes for the files,
 * before and after as many were deleted: it moves no bar, but tells a slow disk from a slow Lull (ADR 14).
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { files as clusterFiles } from '../../cluster/native/files.ts';
import { lullFunction, untilReady, withNamespace } from '../../support/functions.ts';
import { call } from '../../support/http.ts';
import { kubeFromEnvironment } from '../../support/kube.ts';
import { apply, kubectl } from '../../support/kubectl.ts';
import { scaleToZero } from '../../support/scale-to-zero.ts';
import { SourceServer } from '../../support/source-server.ts';
import { until } from '../../support/wait.ts';
import { median } from '../coldstart/statistics.ts';
import { type DiskTimes, diskTimes } from './disk.ts';

const NAMESPACE = 'bench-bundle';
const WAKES = Number(process.env['WAKES'] ?? 10);
const ROUNDS = Number(process.env['ROUNDS'] ?? 3);
const HANDLER = "def handler(event, context):\n    return 'ok'\n";
/** The bars, ms over the small one's median: on a node that never ran it, and on one that has. */
const BAR_FIRST = 1000;
const BAR_AGAIN = 300;
/** 2,000 files of 10 KB and six of 5 MB, as packages with a few libraries are: 50 MB, and not compressible, so the bundle is as large. */
const SMALL_FILES = 2000;
const SMALL_BYTES = 10_000;
const LARGE_FILES = 6;
const LARGE_BYTES = 5_000_000;

const kube = kubeFromEnvironment();
const server = new SourceServer();

async function archive(large: boolean): Promise<{ bytes: Buffer; sha256: string }> {
  const tar = pack();
  tar.entry({ name: 'app.py' }, HANDLER);
  if (large) {
    for (let i = 0; i < SMALL_FILES; i += 1) tar.entry({ name: `package${i % 100}/module${i}.txt` }, randomBytes(SMALL_BYTES));
    for (let i = 0; i < LARGE_FILES; i += 1) tar.entry({ name: `lib/lib${i}.so`, mode: 0o755 }, randomBytes(LARGE_BYTES));
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  const bytes = gzipSync(Buffer.concat(chunks), { level: 1 });
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Applies it and waits for the revision made from it. */
async function deploy(name: string, large: boolean): Promise<string> {
  const { bytes, sha256 } = await archive(large);
  server.put(`${sha256}.tgz`, bytes);
  const before = await revisionOf(name);
  const code = { archive: { url: server.url(`${sha256}.tgz`), sha256 } };
  await apply(lullFunction(name, NAMESPACE, { runtime: 'python3.11', handler: 'app.handler', code, scale: { idleSeconds: 600 } }));
  return until(
    `a new revision of ${name}`,
    async () => {
      const { status } = await untilReady(name, NAMESPACE, 180_000);
      const revision = status?.activeRevision;
      return revision !== before && status?.latestRevision === revision ? revision : undefined;
    },
    180_000,
    200,
  );
}

async function revisionOf(name: string): Promise<string | undefined> {
  const { stdout } = await kubectl(['get', 'fn', name, '-n', NAMESPACE, '--ignore-not-found', '-o', 'jsonpath={.status.activeRevision}']);
  return stdout || undefined;
}

async function wake(name: string, deployment: string): Promise<number> {
  const { status, body, firstByteMillis } = await call(name, NAMESPACE);
  if (status !== 200) throw new Error(`${name} answered ${status} ${body}`);
  await scaleToZero(kube, NAMESPACE, deployment, `lull.dev/function=${name}`);
  return firstByteMillis;
}

const small: number[] = [];
const first: number[] = [];
const again: number[] = [];

// Before the wakes, so that it is not after their deletions.
const disk: DiskTimes | undefined = existsSync(clusterFiles.containerdRoot)
  ? diskTimes(clusterFiles.containerdRoot, SMALL_FILES)
  : undefined;
await server.start();
await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found']);
await withNamespace(NAMESPACE);
const smallRevision = await deploy('small', false);
await wake('small', smallRevision);
for (let round = 0; round < ROUNDS; round += 1) {
  const revision = await deploy('large', true);
  first.push(await wake('large', revision));
  for (let i = 0; i < WAKES; i += 1) {
    small.push(await wake('small', smallRevision));
    again.push(await wake('large', revision));
    process.stdout.write(`round ${round + 1} of ${ROUNDS}, wake ${i + 1} of ${WAKES}\r`);
  }
}

const base = median(small);
let missed = 0;
console.log(`\nWake with 50 MB of code in 2,006 files (${ROUNDS} rounds of ${WAKES} wakes), ms`);
console.log(`${'the handler alone'.padEnd(44)}${base.toFixed(0).padStart(8)}`);
for (const [what, samples, bar] of [
  ['50 MB, on a node that never ran it', first, BAR_FIRST],
  ['50 MB, on a node that has', again, BAR_AGAIN],
] as const) {
  const p50 = median(samples);
  const met = p50 - base <= bar;
  if (!met) missed += 1;
  console.log(
    `${what.padEnd(44)}${p50.toFixed(0).padStart(8)}  + ${(p50 - base).toFixed(0)} (bar: + ${bar}, worst + ${(Math.max(...samples) - base).toFixed(0)})  ${met ? 'met' : 'MISSED'}`,
  );
}
if (disk) {
  console.log(
    `${`the disk alone, ${SMALL_FILES} files`.padEnd(44)}${disk.fresh.toFixed(0).padStart(8)}  ${disk.afterDeletion.toFixed(0)} after as many were deleted`,
  );
} else console.log('the disk alone: not measured, the nodes of this cluster are elsewhere');
await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
await server.close();
await kube.close();
process.exit(missed > 0 ? 1 : 0);
