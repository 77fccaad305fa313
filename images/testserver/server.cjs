// Echoes what it is sent, as JSON; /slow?ms=N waits, /exit ends the process, /count counts.
const { createServer } = require('node:http');

let count = 0;
const server = createServer((req, res) => {
  const url = new URL(req.url, 'http://x');
  count += 1;
  if (url.pathname === '/exit') process.exit(1);
  const answer = () => {
    res.setHeader('content-type', 'application/json');
    res.end(
      JSON.stringify({
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
