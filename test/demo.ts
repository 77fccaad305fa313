/** `make demo`: the whole product in front of you, once. The cluster is up and Lull is installed when this begins (see Makefile). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { podsOf, pythonFunction, untilNoPods, untilReady } from './support/functions.ts';
import { type Answer, call, lullUrl, serverTiming } from './support/http.ts';
import { apply, kubectl, must } from './support/kubectl.ts';
import { until } from './support/wait.ts';

const NAMESPACE = 'lull-demo';
const IDLE_SECONDS = 5;
const ROOT = path.resolve(import.meta.dirname, '..');
const bold = (text: string): string => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);
const say = (text = ''): void => console.log(text);
const step = (title: string): void => say(`\n${bold(`── ${title}`)}`);

/** What the names in Server-Timing mean. */
const PARTS: Record<string, string> = {
  patch: 'the activator scales the Deployment from 0 to 1',
  bound: 'the pod is made and bound to a node',
  process: "the container runtime starts the pod's process",
  announce: 'the process announces itself to the activator',
  handler: 'code handed over, Python starts, boto3 is imported, the handler answers',
};

function parts(answer: Answer): string[] {
  const millisOf = serverTiming(answer);
  return Object.entries(PARTS).map(([name, meaning]) => `  ${(millisOf.get(name)?.toFixed(1) ?? '?').padStart(8)} ms  ${meaning}`);
}

step('A function: AWS’s own hello, unchanged (examples/hello)');
const source = readFileSync(path.join(ROOT, 'examples/hello/lambda_function.py'), 'utf8');
say(source.trimEnd().replace(/^/gm, '  '));
await kubectl(['create', 'namespace', NAMESPACE]);
await apply(pythonFunction('hello', NAMESPACE, source, { scale: { idleSeconds: IDLE_SECONDS } }));
await untilReady('hello', NAMESPACE);
await untilNoPods('hello', NAMESPACE);
say(await must(['get', 'fn', '-n', NAMESPACE]));
say(`pods of hello: ${(await podsOf('hello', NAMESPACE)).length}`);

step('One request, at zero pods');
say(`$ curl -H 'Host: hello.${NAMESPACE}.lull.localhost' ${lullUrl().origin}/`);
const answer = await call('hello', NAMESPACE);
if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.body}`);
say(bold(answer.body));
say(`\nanswered after ${bold(`${answer.firstByteMillis.toFixed(0)} ms`)}, from nothing:`);
for (const line of parts(answer)) say(line);
const again = await call('hello', NAMESPACE);
say(`and again, warm: ${again.firstByteMillis.toFixed(1)} ms`);

step('What the function logged');
say(
  (
    await until('a log line', async () => {
      const text = await must(['logs', '-n', NAMESPACE, '-l', 'lull.dev/function=hello', '--tail=20']);
      return text.includes('rawPath') ? text : undefined;
    })
  )
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line.length > 160 ? `${line.slice(0, 160)}…` : line}`)
    .join('\n'),
);

step(`Nobody calls: back to zero after ${IDLE_SECONDS} s`);
const begun = performance.now();
await untilNoPods('hello', NAMESPACE);
say(`no pod is left after ${((performance.now() - begun) / 1000).toFixed(0)} s`);
say(await must(['get', 'fn', '-n', NAMESPACE, '-o', 'wide']));

step('Try next');
say(`  eval "$(make -s env)"                       # KUBECONFIG and LULL_URL for this cluster
  kubectl describe fn hello -n ${NAMESPACE}       # what it is doing, and why
  kubectl explain fn.spec.scale                # every field, explained
  curl -i -H 'Host: hello.${NAMESPACE}.lull.localhost' $LULL_URL/
  make bench-coldstart                         # how fast it wakes, against the floor
  make down                                    # removes everything that was started`);
