import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFunction, pythonFunction, untilNoPods, untilReady, withNamespace } from '../support/functions.ts';
import { call } from '../support/http.ts';
import { apply, kubectl } from '../support/kubectl.ts';

const ns = 'e2e-burst';

/** Each answer carries the process that ran the handler and how many times that process had run it, so that every execution can be told apart. */
const COUNTING_PYTHON = `
import os, time, uuid
ME = uuid.uuid4().hex
count = 0
def lambda_handler(event, context):
    global count
    count += 1
    time.sleep(0.2)
    return {'statusCode': 200, 'body': f"{ME} {count} {event['rawPath']}"}
`;

describe('a burst at zero', () => {
  beforeAll(() => withNamespace(ns));
  afterAll(() => kubectl(['delete', 'namespace', ns, '--wait=false']));

  it('100 requests at once, concurrency 10: 100 answers of 200, each executed once', { timeout: 180_000 }, async () => {
    await apply(pythonFunction('count', ns, COUNTING_PYTHON, { concurrency: 10, timeoutSeconds: 60, scale: { idleSeconds: 10 } }));
    await untilReady('count', ns);
    await untilNoPods('count', ns);
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => call('count', ns, { path: `/${i}` })));
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
    // Executed once: no process counted an execution whose answer nobody got.
    const highest = new Map<string, number>();
    for (const { body } of answers) {
      const [me, count] = body.split(' ') as [string, string];
      highest.set(me, Math.max(highest.get(me) ?? 0, Number(count)));
    }
    const executions = [...highest.values()].reduce((sum, count) => sum + count, 0);
    expect(executions).toBe(100);
    expect(new Set(answers.map(({ body }) => body.split(' ')[2])).size).toBe(100);
  });

  it('a Node handler too, one request at a time in each pod', { timeout: 180_000 }, async () => {
    const source = `
let running = 0;
export const handler = async (event) => {
  running += 1;
  const seen = running;
  await new Promise((resolve) => setTimeout(resolve, 100));
  running -= 1;
  return { statusCode: 200, body: String(seen) };
};`;
    await apply(nodeFunction('single', ns, source, { scale: { max: 3, idleSeconds: 10 } }));
    await untilReady('single', ns);
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('single', ns)));
    expect(answers.map(({ status, body }) => `${status} ${body}`)).toEqual(Array(20).fill('200 1'));
  });
});
