// A handler process of tests that does what its event says: {"do": "echo" | "fail" | "exit" | "signal" | "print" | "big" | "context" | "sleep" |
// "stream" | "big-stream" | "linger"}.
import { writeSync } from 'node:fs';
import { Agent, request } from 'node:http';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
/** Before anything that follows: console.log may still be writing when the answer is sent. */
const print = (line) => writeSync(1, `${line}\n`);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const req = request({ host, port, method, path: `/2018-06-01/runtime/${path}`, agent }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk) => {
        text += chunk;
      });
      res.on('end', () => resolve({ text, headers: res.headers }));
    });
    req.on('error', reject);
    req.end(body);
  });

if (process.env.FAIL_TO_LOAD) {
  await call(
    'POST',
    'init/error',
    JSON.stringify({ errorMessage: 'no such module', errorType: 'Runtime.ImportModuleError', stackTrace: [] }),
  );
  process.exit(1);
}

/** Streams the pieces, `ms` apart; `fails`: ends with an error in its trailers. */
const stream = (id, { pieces, ms = 0, fails = false }) =>
  new Promise((resolve, reject) => {
    const headers = {
      'Content-Type': 'application/octet-stream',
      'Lambda-Runtime-Function-Response-Mode': 'streaming',
      Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
    };
    const path = `/2018-06-01/runtime/invocation/${id}/response`;
    const req = request({ host, port, method: 'POST', path, agent, headers }, (res) => res.resume().on('end', resolve));
    req.on('error', reject);
    const next = (at) => {
      if (at < pieces.length) {
        req.write(pieces[at]);
        setTimeout(() => next(at + 1), ms);
        return;
      }
      if (fails) {
        const body = Buffer.from('{"errorType":"Late","errorMessage":"broke off"}').toString('base64');
        req.addTrailers({ 'Lambda-Runtime-Function-Error-Type': 'Late', 'Lambda-Runtime-Function-Error-Body': body });
      }
      req.end();
    };
    next(0);
  });

for (;;) {
  const { text, headers } = await call('GET', 'invocation/next');
  const id = headers['lambda-runtime-aws-request-id'];
  const event = JSON.parse(text);
  const answer = (value) => call('POST', `invocation/${id}/response`, JSON.stringify(value));
  switch (event?.do) {
    case 'fail':
      print('about to fail');
      await call(
        'POST',
        `invocation/${id}/error`,
        JSON.stringify({ errorMessage: 'as asked', errorType: 'AskedError', stackTrace: ['here'] }),
      );
      break;
    case 'exit':
      process.exit(event.code ?? 1);
      break;
    case 'signal':
      process.kill(process.pid, 'SIGTERM');
      await new Promise(() => setInterval(() => undefined, 1000));
      break;
    case 'print':
      for (let i = 0; i < (event.lines ?? 1); i += 1) print(`line ${i} of ${event.name ?? 'it'}`);
      await answer('printed');
      break;
    case 'big':
      await answer('x'.repeat(event.bytes));
      break;
    case 'context':
      await answer({ headers, id });
      break;
    case 'sleep':
      await new Promise((resolve) => setTimeout(resolve, event.ms));
      await answer('slept');
      break;
    case 'stream':
      print('streams');
      await stream(id, event);
      break;
    case 'big-stream':
      await stream(id, { pieces: new Array(event.count).fill('x'.repeat(65_536)) });
      break;
    case 'linger':
      print('before');
      await answer('lingers');
      print('after');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
      break;
    default:
      await answer(event);
  }
}
