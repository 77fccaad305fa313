/**
 * A Runtime API and nothing else: hands out the next event at once, as long as it is let run. What AWS's client costs against it is what it costs by itself. The parent
 * sends 'run' and 'pause', and is told how many events were answered.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toEventV2 } from '../../../images/runtime/event-v2.ts';

let running = false;
let answered = 0;
let waiting: ServerResponse | undefined;

/** The event that the bridge makes of the load's requests. */
const rawHeaders = [
  'Host',
  'echo.bench',
  'User-Agent',
  'load',
  'Accept',
  '*/*',
  'X-Request-Id',
  randomUUID(),
  'X-Forwarded-For',
  '127.0.0.1',
];
const headers = { host: 'echo.bench', 'user-agent': 'load', 'x-forwarded-for': '127.0.0.1' };
const head = { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders, headers, socket: {} };
const traceId = 'Root=1-5759e988-5759e988bd864e3fa1be46a9';
const event = Buffer.from(toEventV2(head, Buffer.alloc(0), { id: randomUUID(), function: 'echo', traceId, now: new Date() }));

function hand(res: ServerResponse): void {
  res.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': event.length,
    'Lambda-Runtime-Aws-Request-Id': randomUUID(),
    'Lambda-Runtime-Deadline-Ms': String(Date.now() + 30_000),
    'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:000000000000:function:echo',
    'Lambda-Runtime-Trace-Id': traceId,
  });
  res.end(event);
}

const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (req, res) => {
  if (req.method === 'GET') {
    if (running) hand(res);
    else waiting = res;
    return;
  }
  req.resume();
  req.on('end', () => {
    answered += 1;
    res.writeHead(202, { 'Content-Length': 0 }).end();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on('message', (message: 'run' | 'pause') => {
  running = message === 'run';
  if (running && waiting) hand(waiting);
  waiting = undefined;
  process.send?.({ answered });
});
