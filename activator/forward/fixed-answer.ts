import { STATUS_CODES } from 'node:http';
import type { FixedAnswer, FunctionSpec } from '../../common/api/function.ts';
import type { ResponseHead } from '../http1/message.ts';
import { ownHead } from './own-head.ts';

/** An answer that is ready before it is asked for. */
export interface ReadyAnswer {
  head: ResponseHead;
  body: Buffer;
}

/** spec.answers by path; undefined when there are none. */
export function fixedAnswers(answers: readonly FixedAnswer[] | undefined): ReadonlyMap<string, ReadyAnswer> | undefined {
  if (!answers || answers.length === 0) return undefined;
  return new Map(
    answers.map(({ path, status = 200, contentType = 'text/plain; charset=utf-8', body = '' }) => [
      path,
      ready(status, contentType, body, []),
    ]),
  );
}

/** spec.whileWaking.placeholder: tells a browser to look again in a second. */
export function placeholder(whileWaking: FunctionSpec['whileWaking']): ReadyAnswer | undefined {
  const page = whileWaking?.placeholder;
  if (!page) return undefined;
  const fields = ['Retry-After', '1', 'Refresh', '1', 'Cache-Control', 'no-store', 'X-Lull-Waking', 'true'];
  return ready(page.status ?? 503, page.contentType ?? 'text/html; charset=utf-8', page.body, fields);
}

function ready(status: number, contentType: string, text: string, fields: string[]): ReadyAnswer {
  const body = Buffer.from(text);
  const own = body.length > 0 ? ['Content-Type', contentType, ...fields] : fields;
  return { head: ownHead(status, STATUS_CODES[status] ?? '', own, body.length), body };
}
