// A handler process of tests: serves the Runtime API, one event after another. /?ms=N takes so long; the answer is the event (/env: the environment), as JSON, and a line says that
// it ran. /?linger=1 does not ask for more work after its answer.
import { Agent, request } from 'node:http';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const req = request({ host, port, method, path: `/2018-06-01/runtime/${path}`, agent }, (res) => {
      let text = '';
      res.on('data', (chunk) => {
        text += chunk;
      });
      res.on('end', () => resolve({ text, id: res.headers['lambda-runtime-aws-request-id'] }));
    });
    req.on('error', reject);
    req.end(body);
  });

for (;;) {
  const { text, id } = await call('GET', 'invocation/next');
  const event = JSON.parse(text);
  console.log(`ran ${event.rawPath}`);
  await new Promise((resolve) => setTimeout(resolve, Number(event.queryStringParameters?.ms ?? 0)));
  await call(
    'POST',
    `invocation/${id}/response`,
    JSON.stringify({ statusCode: 200, body: JSON.stringify(event.rawPath === '/env' ? process.env : event) }),
  );
  if (event.queryStringParameters?.linger) await new Promise((resolve) => setTimeout(resolve, 60_000));
}
