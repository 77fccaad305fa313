import type { CallHead } from '../../common/lambda-api/authentication.ts';
import { CHUNKED, type RequestHead } from '../http1/message.ts';

/** A head as it was sent, those fields put back that are told apart in it. */
export function callHead(head: RequestHead): CallHead {
  const values = valuesOf(head);
  return { method: head.method, target: head.target, headerNames: values.keys(), header: (name) => values.get(name) };
}

function valuesOf(head: RequestHead): Map<string, string> {
  const values = new Map<string, string>();
  for (const fields of [head.fields, head.forwarded]) {
    for (let i = 0; i < fields.length; i += 2) {
      const name = (fields[i] as string).toLowerCase();
      const value = (fields[i + 1] as string).trim();
      const before = values.get(name);
      values.set(name, before === undefined ? value : `${before},${value}`);
    }
  }
  if (head.host !== undefined) values.set('host', head.host);
  if (head.requestId !== undefined) values.set('x-request-id', head.requestId);
  if (head.bodyLength === CHUNKED) values.set('transfer-encoding', 'chunked');
  else values.set('content-length', String(head.bodyLength));
  return values;
}
