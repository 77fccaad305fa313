// Runs in a pod of the cluster (kubectl exec): RATE requests a second to URL for SECONDS, each with an id PREFIX-N of its own, half of them on connections that are
// kept. Prints one line of JSON: {sent, failures, slowest}.
const { Agent, request } = require('node:http');

const [url, rate, seconds, prefix] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 100 });
const failures = [];
let sent = 0;
let open = 0;
let slowest = 0;
const begun = performance.now();

const one = (id) => {
  open += 1;
  const since = performance.now();
  const end = (failure) => {
    open -= 1;
    slowest = Math.max(slowest, performance.now() - since);
    if (failure) failures.push(`${((since - begun) / 1000).toFixed(1)} s, ${id}: ${failure}`);
  };
  const req = request(url, { method: 'POST', agent: sent % 2 === 0 ? agent : false, headers: { 'x-id': id } }, (res) => {
    let body = '';
    res.on('data', (chunk) => {
      body += chunk;
    });
    res.on('end', () =>
      end(res.statusCode === 200 && body === id ? undefined : `${res.statusCode} ${res.headers['x-lull-error'] ?? body}`),
    );
    res.on('error', (error) => end(error.message));
  });
  req.on('error', (error) => end(`${error.message}${req.reusedSocket ? ' (a connection used again)' : ''}`));
  req.end(id);
};

const timer = setInterval(() => {
  const elapsed = (performance.now() - begun) / 1000;
  while (elapsed < Number(seconds) && sent < elapsed * Number(rate)) {
    sent += 1;
    one(`${prefix}-${sent}`);
  }
  if (elapsed < Number(seconds) || open > 0) return;
  clearInterval(timer);
  agent.destroy();
  console.log(JSON.stringify({ sent, failures, slowest: Math.round(slowest) }));
}, 5);
