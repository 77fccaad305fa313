// A handler process of tests that does what its event says: {"do": "echo" | "fail" | "exit" | "signal" | "print" | "big" | "context" | "sleep"}.
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
    default:
      await answer(event);
  }
}
