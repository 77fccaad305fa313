// Echoes what it is sent, as JSON; /slow?ms=N waits, /exit ends the process; /bytes/N answers with N bytes. With COLLECTOR=HOST:PORT, the X-Id of each request
// goes there as a datagram before it is answered, so that a test can count executions from outside.
const { createSocket } = require('node:dgram');
const { createServer } = require('node:http');
const { hostname } = require('node:os');

let count = 0;
const [host, port] = (process.env.COLLECTOR ?? '').split(':');
const collector = host ? createSocket('udp4') : undefined;
const server = createServer((req, res) => {
  const url = new URL(req.url, 'http://x');
  count += 1;
  if (url.pathname === '/exit') process.exit(1);
  const id = req.headers['x-id'];
  if (collector && id) collector.send(String(id), Number(port), host);
  const answer = () => {
    if (url.pathname.startsWith('/bytes/')) {
      res.end(Buffer.alloc(Number(url.pathname.slice(7)), 'x'));
      return;
    }
    res.setHeader('content-type', 'application/json');
    res.end(
      JSON.stringify({
        pod: hostname(),
        pid: process.pid,
        count,
        method: req.method,
        path: req.url,
        headers: req.headers,
        env: process.env.GREETING ?? null,
      }),
    );
  };
  req.resume();
  if (url.pathname === '/slow') setTimeout(answer, Number(url.searchParams.get('ms')));
  else req.on('end', answer);
});
process.on('SIGTERM', () => server.close(() => process.exit(0)));
server.listen(Number(process.env.PORT));
