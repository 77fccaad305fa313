/**
 * `make bench-coldstart [WAKES=20]`: how long a request at zero waits for its answer, against the floor, interleaved in one run. No pod of a function is
 * left before any of its wakes, not even a terminating one. Prints a table; exits 1 when a bar of issue 3 is missed.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { lullFunction, nodeFunction, pythonFunction, untilReady, withNamespace } from '../../support/functions.ts';
import { call, serverTiming } from '../../support/http.ts';
import { kubeFromEnvironment } from '../../support/kube.ts';
import { apply, getJson, kubectl } from '../../support/kubectl.ts';
import { IMAGE_CONFIG, imageFunction, lambdaImages } from '../../support/lambda-images.ts';
import { scaleToZero } from '../../support/scale-to-zero.ts';
import { Floor } from './floor.ts';
import { median } from './statistics.ts';

const NAMESPACE = 'bench-coldstart';
const WAKES = Number(process.env['WAKES'] ?? 20);
const HTTP_IMAGE = process.env['LULL_TEST_SERVER_IMAGE'] ?? 'docker.io/lull/testserver:dev';
const hello = readFileSync(path.resolve(import.meta.dirname, '../../../examples/hello/lambda_function.py'), 'utf8');
// The bench itself scales to zero, at once, so the idle time must not do it in between.
const scale = { idleSeconds: 600 };

interface Variant {
  name: string;
  what: string;
  /** The bar: p50 at most this much over the floor's, in ms. */
  over: number;
  manifest: object;
}

const ALL: Variant[] = [
  {
    name: 'python',
    what: 'Python handler without imports',
    over: 150,
    manifest: pythonFunction('python', NAMESPACE, "def lambda_handler(event, context):\n    return {'statusCode': 200, 'body': 'ok'}\n", {
      scale,
    }),
  },
  { name: 'hello', what: "AWS's hello, which imports boto3", over: 350, manifest: pythonFunction('hello', NAMESPACE, hello, { scale }) },
  {
    name: 'node',
    what: 'Node handler',
    over: 250,
    manifest: nodeFunction('node', NAMESPACE, "export const handler = async () => ({ statusCode: 200, body: 'ok' });\n", { scale }),
  },
  {
    name: 'http',
    what: 'http container (a Node server)',
    over: 200,
    manifest: lullFunction('http', NAMESPACE, { protocol: 'http', code: { image: HTTP_IMAGE }, scale }),
  },
  {
    name: 'image',
    what: 'Lambda image: Debian, awslambdaric',
    over: 350,
    manifest: imageFunction('image', NAMESPACE, 'python', { scale }),
  },
  { name: 'scratch', what: 'Lambda image: scratch, Go', over: 350, manifest: imageFunction('scratch', NAMESPACE, 'scratch', { scale }) },
  {
    name: 'volume',
    // No bar of an issue: what the other way would cost (docs/adr/0015).
    what: 'the same with bridge: volume',
    over: 3000,
    manifest: imageFunction('volume', NAMESPACE, 'scratch', { scale, imageConfig: { ...IMAGE_CONFIG.scratch, bridge: 'volume' } }),
  },
];

/** `ONLY=image,scratch` measures only these, and python, of whose template the floor is made. */
const only = process.env['ONLY']?.split(',');
const VARIANTS = ALL.filter(({ name }) => name === 'python' || (only?.includes(name) ?? true));

const kube = kubeFromEnvironment();
const selector = (name: string): string => (name === 'floor' ? 'app=floor' : `lull.dev/function=${name}`);

const toZero = (name: string, deployment: string): Promise<void> => scaleToZero(kube, NAMESPACE, deployment, selector(name));

const results = new Map<string, number[]>([['floor', []], ...VARIANTS.map(({ name }): [string, number[]] => [name, []])]);
const parts = new Map<string, Map<string, number[]>>();
let failures = 0;

await lambdaImages(['python', 'scratch']);
await kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found']);
await withNamespace(NAMESPACE);
await apply(...VARIANTS.map(({ manifest }) => manifest));
const revisions = new Map<string, string>();
for (const { name } of VARIANTS) revisions.set(name, (await untilReady(name, NAMESPACE)).status?.activeRevision ?? '');
const floor = new Floor(kube, NAMESPACE);
await floor.create(revisions.get('python') ?? '');

for (let wake = 0; wake <= WAKES; wake += 1) {
  // The first of each is not counted: it reads the image from the disk.
  const counted = wake > 0;
  await toZero('floor', 'floor');
  const floorMillis = await floor.wake();
  if (counted) results.get('floor')?.push(floorMillis);
  await toZero('floor', 'floor');
  for (const { name } of VARIANTS) {
    await toZero(name, revisions.get(name) ?? '');
    const answer = await call(name, NAMESPACE);
    if (answer.status !== 200) {
      failures += 1;
      console.log(`  ${name}: answered ${answer.status} ${answer.body.trim()}`);
    } else if (counted) {
      results.get(name)?.push(answer.firstByteMillis);
      for (const [phase, millis] of serverTiming(answer)) {
        const of = parts.get(name) ?? new Map<string, number[]>();
        parts.set(name, of.set(phase, [...(of.get(phase) ?? []), millis]));
      }
    }
    await toZero(name, revisions.get(name) ?? '');
  }
  process.stdout.write(`wake ${wake} of ${WAKES}\r`);
}
floor.close();

const floorP50 = median(results.get('floor') ?? []);
const cell = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(0)).padStart(9);
const names = ['turn', 'patch', 'bound', 'process', 'announce', 'handler'];
console.log(`\nCold start, ${WAKES} wakes of each, ms (${failures} failures); parts are medians`);
console.log(`${''.padEnd(34)}${['p50', 'worst', 'p50/floor', 'bar p50', 'bar worst', ...names].map((name) => name.padStart(9)).join('')}`);
console.log(
  `${'floor: the pod’s process runs'.padEnd(34)}${cell(floorP50)}${cell(Math.max(...(results.get('floor') ?? [])))}${'1.00'.padStart(9)}`,
);
let missed = failures > 0 ? 1 : 0;
for (const { name, what, over } of VARIANTS) {
  const samples = results.get(name) ?? [];
  const p50 = median(samples);
  const worst = Math.max(...samples);
  const ok = p50 <= floorP50 + over && worst <= 2 * p50;
  if (!ok) missed += 1;
  const shares = names.map((phase) => cell(median(parts.get(name)?.get(phase) ?? [])));
  console.log(
    `${what.padEnd(34)}${cell(p50)}${cell(worst)}${(p50 / floorP50).toFixed(2).padStart(9)}${cell(floorP50 + over)}${cell(2 * p50)}${shares.join('')}  ${ok ? 'met' : 'MISSED'}`,
  );
}
console.log(`n = ${(await getJson<{ items: unknown[] }>(['nodes'])).items.length} node; floor: the same pod template scaled 0→1 by hand`);
await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
await kube.close();
process.exit(missed > 0 ? 1 : 0);
