import type { HttpHead } from './direct-head.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Bodies that AWS hands over as text; anything else is base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded|graphql|[^;]*\+(json|xml)))/i;

/** An HTTP request as API Gateway's payload 2.0 (LAMBDA.md; the same as a function URL's). */
export function toEvent(req: HttpHead, body: Buffer, invocationId: string, functionName: string, now: Date): string {
  const target = req.url ?? '/';
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const query = question < 0 ? '' : target.slice(question + 1);
  const host = req.headers.host ?? 'localhost';
  const domainName = host.replace(/:\d+$/, '');
  const isText =
    body.length === 0 || TEXT.test(req.headers['content-type'] ?? '') || (req.headers['content-type'] === undefined && isUtf8(body));
  const cookies = req.headers.cookie?.split('; ');
  const queryStringParameters = parameters(query);
  return JSON.stringify({
    version: '2.0',
    routeKey: '$default',
    rawPath: safeDecode(path),
    rawQueryString: query,
    ...(cookies && { cookies }),
    headers: headers(req),
    ...(queryStringParameters && { queryStringParameters }),
    requestContext: {
      accountId: 'anonymous',
      apiId: functionName,
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: req.method,
        path: safeDecode(path),
        protocol: `HTTP/${req.httpVersion}`,
        sourceIp: clientAddress(req),
        userAgent: req.headers['user-agent'] ?? '',
      },
      requestId: invocationId,
      routeKey: '$default',
      stage: '$default',
      time: clf(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: isText ? body.toString('utf8') : body.toString('base64') }),
    isBase64Encoded: !isText,
  });
}

/** Lower-case names, several values joined by a comma, cookies apart. */
function headers(req: HttpHead): Record<string, string> {
  const out: Record<string, string> = {};
  const { rawHeaders } = req;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    if (name === 'cookie' || name === 'connection') continue;
    const value = rawHeaders[i + 1] as string;
    out[name] = name in out ? `${out[name]},${value}` : value;
  }
  return out;
}

/** Decoded; several values of a name joined by a comma. Undefined when there is none. */
function parameters(query: string): Record<string, string> | undefined {
  if (query === '') return undefined;
  const out: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) out[name] = Object.hasOwn(out, name) ? `${out[name]},${value}` : value;
  return out;
}

/** The client as the activator saw it: it wrote the last entry of X-Forwarded-For, earlier ones are the client's own claims. */
function clientAddress(req: HttpHead): string {
  const list = req.headers['x-forwarded-for'];
  const last = (typeof list === 'string' ? list : '').split(',').at(-1)?.trim();
  return (last || req.socket.remoteAddress || '127.0.0.1').replace(/^::ffff:/, '');
}

function isUtf8(body: Buffer): boolean {
  return Buffer.from(body.toString('utf8'), 'utf8').equals(body);
}

/** AWS decodes the path; one that cannot be decoded stays as it is. */
function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** "24/Nov/2026:08:12:35 +0000" */
function clf(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${two(now.getUTCDate())}/${MONTHS[now.getUTCMonth()]}/${now.getUTCFullYear()}`;
  return `${date}:${two(now.getUTCHours())}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())} +0000`;
}
