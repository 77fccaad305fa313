/** The process behind load.ts: node:http on kept-alive connections; what it is told comes by IPC, what ended goes back ten times a second. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the parent asks for; each replaces what it asked for before. */
export type Order = { clients: number } | { poisson: number } | { burst: number } | { end: true };

/** Requests that ended: when begun, how long, status, problem. */
export type Report = [begun: number, millis: number, status: number, problem: string][];

interface Options {
  address: string;
  port: number;
  hosts: string[];
  path: string;
}

const REPORT_MILLIS = 100;
/** A client whose request failed does not send the next one at once. */
const PAUSE_MILLIS = 100;
/** How far apart arrivals at random are looked for: far below what is measured here. */
const ARRIVAL_MILLIS = 2;

const options = JSON.parse(process.argv[2] ?? '{}') as Options;
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 1000 });
let report: Report = [];
let open = 0;
let wanted = 0;
const clients = new Set<number>();
let arrivals: NodeJS.Timeout | undefined;
let rate = 0;
let due = 0;

/** One request, on client `client`'s function. Resolves with its status, 0 without an answer. */
function send(client: number, begun = Date.now()): Promise<number> {
  open += 1;
  const sent = performance.now() - Math.max(0, Date.now() - begun);
  return new Promise((resolve) => {
    let over = false;
    const end = (status: number, problem: string): void => {
      if (over) return;
      over = true;
      open -= 1;
      report.push([begun, performance.now() - sent, status, problem]);
      resolve(status);
    };
    const host = options.hosts[client % options.hosts.length] ?? '';
    const req = request({ host: options.address, port: options.port, path: options.path, headers: { host }, agent, timeout: 125_000 });
    req.once('response', (res) => {
      res.resume();
      res.once('end', () => end(res.statusCode ?? 0, res.statusCode === 200 ? '' : String(res.headers['x-lull-error'] ?? '')));
      res.once('error', (error) => end(0, error.message));
    });
    req.once('timeout', () => req.destroy(new Error('no answer within 125 s')));
    req.once('error', (error) => end(0, error.message));
    req.end();
  });
}

async function client(index: number): Promise<void> {
  clients.add(index);
  while (index < wanted) {
    if ((await send(index)) !== 200) await sleep(PAUSE_MILLIS);
  }
  clients.delete(index);
}

/** The time to the next arrival, in ms: exponential. Example: rate 10, a draw of 0.5 → −ln(0.5) / 10 s = 69 ms. */
const gap = (): number => (-Math.log(1 - Math.random()) / rate) * 1000;

function arrive(): void {
  for (const now = Date.now(); due <= now; due += gap()) void send(0, due);
}

function take(order: Order): void {
  if ('clients' in order) {
    wanted = order.clients;
    for (let index = 0; index < wanted; index += 1) if (!clients.has(index)) void client(index);
  } else if ('poisson' in order) {
    rate = order.poisson;
    due = Date.now() + gap();
    arrivals ??= setInterval(arrive, ARRIVAL_MILLIS);
  } else if ('burst' in order) {
    for (let index = 0; index < order.burst; index += 1) void send(index);
  } else {
    wanted = 0;
    clearInterval(arrivals);
    void leave();
  }
}

async function leave(): Promise<void> {
  while (open > 0) await sleep(10);
  process.send?.(report, () => process.exit(0));
}

function tell(): void {
  if (report.length === 0) return;
  process.send?.(report);
  report = [];
}

process.on('message', take);
// A parent that is gone wants no more load.
process.once('disconnect', () => process.exit(0));
setInterval(tell, REPORT_MILLIS);
