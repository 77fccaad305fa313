// What Lambda's documentation says a Node handler may do; by the path of the event.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

export const handler = async (event, context) => {
  switch (event.rawPath) {
    case '/context':
      return {
        requestId: context.awsRequestId,
        name: context.functionName,
        memory: context.memoryLimitInMB,
        remaining: context.getRemainingTimeInMillis(),
      };
    case '/print':
      console.log('to the log');
      console.error('an error, too');
      return 'printed';
    case '/raise':
      throw new TypeError('not that');
    case '/exit':
      process.exit(3);
      break;
    case '/undefined':
      return undefined;
    case '/large':
      return 'x'.repeat(Number(event.queryStringParameters.bytes) - 2);
    case '/after':
      // Goes on after its answer, for ever.
      setTimeout(() => {
        for (;;);
      }, 0);
      return 'answered';
    default:
      return { statusCode: 404, body: 'no such path' };
  }
};

export const streaming = awslambda.streamifyResponse(async (event, stream) => {
  const query = event.queryStringParameters ?? {};
  const prelude = { statusCode: 201, headers: { 'content-type': 'text/plain', 'x-streamed': 'yes' }, cookies: ['a=b', 'c=d'] };
  switch (event.rawPath) {
    case '/plain':
      stream.setContentType('text/html');
      stream.write('<p>');
      stream.end('plain');
      break;
    case '/slowly':
      stream = awslambda.HttpResponseStream.from(stream, prelude);
      stream.write('first ');
      await sleep(Number(query.ms));
      stream.write('second');
      stream.end();
      break;
    case '/large': {
      stream = awslambda.HttpResponseStream.from(stream, prelude);
      const block = Buffer.alloc(1 << 20, 'x');
      const blocks = async function* () {
        for (let i = 0; i < Number(query.mb); i++) {
          console.log(`block ${i}`);
          yield block;
        }
      };
      await pipeline(Readable.from(blocks(), { objectMode: false, highWaterMark: 1 }), stream);
      break;
    }
    case '/early-error':
      throw new RangeError('before the first byte');
    case '/late-error':
      stream = awslambda.HttpResponseStream.from(stream, prelude);
      stream.write('half of it');
      await sleep(100);
      throw new RangeError('in the middle');
    case '/late-exit':
      stream = awslambda.HttpResponseStream.from(stream, prelude);
      stream.write('half of it');
      await sleep(100);
      process.exit(1);
      break;
    case '/hang':
      stream = awslambda.HttpResponseStream.from(stream, prelude);
      stream.write('half of it');
      await sleep(60_000);
      break;
    case '/bad-prelude':
      stream = awslambda.HttpResponseStream.from(stream, { statusCode: 'many' });
      stream.write('nothing ');
      stream.end('of this');
      break;
    default:
      stream.end();
  }
});
