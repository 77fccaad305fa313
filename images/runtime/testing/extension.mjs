// An extension of tests, as AWS documents them. Arguments: its name and, as JSON, what it does:
// events: what it registers for; afterInvoke, afterShutdown: milliseconds that it takes; subscribe: {path, body}, to telemetry that it writes to `file`, one event
// a line; exit: {on: 'start' | 'init' | 'ready' | 'INVOKE' | 'SHUTDOWN', code, report: 'init' | 'exit'}: when it ends, with which code, and what it says of it before.
// It prints what happens to it.
import { appendFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const [name, text] = process.argv.slice(2);
const what = JSON.parse(text);
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');

function call(method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const req = request({ host, port, method, path, headers }, (res) => {
      let answer = '';
      res.on('data', (chunk) => {
        answer += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, body: answer }));
    });
    req.on('error', reject);
    req.end(body);
  });
}

async function exitOn(event, id) {
  const { exit } = what;
  if (exit?.on !== event) return;
  if (exit.report)
    await call('POST', `/2020-01-01/extension/${exit.report}/error`, {
      'Lambda-Extension-Identifier': id,
      'Lambda-Extension-Function-Error-Type': 'Test.Reason',
    });
  process.exit(exit.code ?? 1);
}

await exitOn('start');
const registered = await call(
  'POST',
  '/2020-01-01/extension/register',
  { 'Lambda-Extension-Name': name, 'Lambda-Extension-Accept-Feature': 'accountId' },
  JSON.stringify({ events: what.events ?? ['INVOKE', 'SHUTDOWN'] }),
);
console.log(`registered ${registered.status} ${registered.body}`);
if (registered.status !== 200) process.exit(1);
const id = registered.headers['lambda-extension-identifier'];
console.log(`environment ${JSON.stringify(process.env)}`);
await exitOn('init', id);
if (what.subscribe) {
  const server = createServer((req, res) => {
    let events = '';
    req.on('data', (chunk) => {
      events += chunk;
    });
    req.on('end', () => {
      for (const event of JSON.parse(events)) appendFileSync(what.subscribe.file, `${JSON.stringify(event)}\n`);
      res.end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const uri = `http://sandbox.localdomain:${server.address().port}/events`;
  const body = {
    destination: { protocol: 'HTTP', URI: uri },
    buffering: { maxItems: 1000, maxBytes: 262144, timeoutMs: 25 },
    ...what.subscribe.body,
  };
  const answer = await call('PUT', what.subscribe.path, { 'Lambda-Extension-Identifier': id }, JSON.stringify(body));
  console.log(`subscribed ${answer.status} ${answer.body}`);
}
for (;;) {
  const next = call('GET', '/2020-01-01/extension/event/next', { 'Lambda-Extension-Identifier': id });
  if (what.exit?.on === 'ready') setTimeout(() => process.exit(what.exit.code ?? 1), 400);
  const { status, headers, body } = await next;
  console.log(`event ${status} ${body} ${headers['lambda-extension-event-identifier']}`);
  const { eventType } = JSON.parse(body);
  await exitOn(eventType, id);
  if (eventType === 'SHUTDOWN') {
    await sleep(what.afterShutdown ?? 0);
    console.log('goes');
    process.exit(0);
  }
  await sleep(what.afterInvoke ?? 0);
}
