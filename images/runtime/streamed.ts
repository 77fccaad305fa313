import type { Outcome } from './invocation.ts';

/** Content type with which awslambda.HttpResponseStream writes its prelude: status and headers as JSON, eight NULs, then the body. */
const INTEGRATION = 'application/vnd.awslambda.http-integration-response';
const SEPARATOR = Buffer.alloc(8);

/** What a handler posted, with a streamed response's prelude taken off. */
export function toResult(body: Buffer | undefined, contentType: string): Outcome {
  if (!body) return { kind: 'error', code: 'ResponseTooLarge', detail: 'the response is larger than 6 MiB' };
  if (contentType !== INTEGRATION) return { kind: 'result', body, contentType };
  const end = body.indexOf(SEPARATOR);
  if (end < 0) return { kind: 'error', code: 'InvalidResponse', detail: 'the streamed response has no end of its prelude' };
  return { kind: 'result', prelude: body.toString('utf8', 0, end), body: body.subarray(end + SEPARATOR.length), contentType };
}
