// A streamed HTTP response: status, headers and cookies first, then bytes as they come.
import { setTimeout as sleep } from 'node:timers/promises';

export const handler = awslambda.streamifyResponse(async (_event, responseStream) => {
  const stream = awslambda.HttpResponseStream.from(responseStream, {
    statusCode: 200,
    headers: { 'content-type': 'text/plain' },
    cookies: ['seen=yes'],
  });
  for (let i = 0; i < 3; i++) {
    stream.write(`part ${i}\n`);
    await sleep(100);
  }
  stream.end();
});
