/** What an answer in this framing says that it is. */
export const EVENT_STREAM = 'application/vnd.amazon.eventstream';

/** Of one message; AWS's own clients take 16 MiB. */
const MAX_CHUNK_BYTES = 65_536;
/** Type of a header's value that is a string. */
const STRING = 7;

/**
 * A whole answer of InvokeWithResponseStream (application/vnd.amazon.eventstream): the handler's bytes in PayloadChunk messages, then InvokeComplete.
 * @param failure body of the function's error, when it failed
 */
export function eventStream(payload: Buffer, failure: Buffer | undefined, logResult: string | undefined): Buffer {
  return Buffer.concat([payloadChunks(payload), invokeComplete(failure, logResult)]);
}

/** A piece of the handler's answer, in as many messages as it takes. */
export function payloadChunks(payload: Buffer): Buffer {
  const messages: Buffer[] = [];
  for (let at = 0; at < payload.length; at += MAX_CHUNK_BYTES)
    messages.push(message('PayloadChunk', 'application/octet-stream', payload.subarray(at, at + MAX_CHUNK_BYTES)));
  return Buffer.concat(messages);
}

/** The last message. */
export function invokeComplete(failure: Buffer | undefined, logResult: string | undefined): Buffer {
  const complete = {
    ...(failure && { ErrorCode: errorType(failure), ErrorDetails: failure.toString('utf8') }),
    ...(logResult !== undefined && { LogResult: logResult }),
  };
  return message('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(complete)));
}

function errorType(failure: Buffer): string {
  try {
    return (JSON.parse(failure.toString('utf8')) as { errorType?: string }).errorType ?? 'Unhandled';
  } catch {
    return 'Unhandled';
  }
}

/** Length of all, length of the headers, CRC of both; headers; payload; CRC of all before it. */
function message(event: string, contentType: string, payload: Buffer): Buffer {
  // Only here: a pod that streams nothing need not load it.
  const { crc32 } = process.getBuiltinModule('node:zlib');
  const headers = Buffer.concat([header(':message-type', 'event'), header(':event-type', event), header(':content-type', contentType)]);
  const total = 12 + headers.length + payload.length + 4;
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(total, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const body = Buffer.concat([prelude, headers, payload]);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(body), 0);
  return Buffer.concat([body, end]);
}

function header(name: string, value: string): Buffer {
  const out = Buffer.alloc(1 + name.length + 3 + value.length);
  out.writeUInt8(name.length, 0);
  out.write(name, 1, 'latin1');
  out.writeUInt8(STRING, 1 + name.length);
  out.writeUInt16BE(value.length, 2 + name.length);
  out.write(value, 4 + name.length, 'latin1');
  return out;
}
