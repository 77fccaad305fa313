// Runs one invocation, while the image is built, so that the JVM can keep the classes that it needed (-XX:ArchiveClassesAtExit): node train.cjs COMMAND…
const { spawn } = require('node:child_process');
const { createServer } = require('node:http');

const events = ['{"key":"value"}'];
const server = createServer((req, res) => {
  req.resume();
  const event = events.shift();
  if (req.method === 'POST') res.writeHead(202).end('{"status":"OK"}');
  else if (event !== undefined) {
    res.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + 60_000),
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:000000000000:function:train',
      'Lambda-Runtime-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700',
    });
    res.end(event);
    // It asks again: that was all, and it may end.
  } else child.kill('SIGTERM');
});
let child;
server.listen(0, '127.0.0.1', () => {
  const [command, ...args] = process.argv.slice(2);
  const env = { ...process.env, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${server.address().port}`, _HANDLER: 'Launch::train' };
  // The launcher waits on descriptor 3, which the bridge always gives it; were it not there, the number would be that of a file of the JVM's own, which it would close.
  child = spawn(command, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  child.stdio[3].end();
  child.on('exit', () => process.exit());
});
