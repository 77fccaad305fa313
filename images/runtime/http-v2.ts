import { toEvent } from './event.ts';
import { toHead, toResponse } from './response.ts';
import { INTEGRATION } from './streamed.ts';
import type { Translation } from './translation.ts';

/** API Gateway's payload 2.0, which is also a function URL's. */
export const httpV2: Translation = {
  toEvent: (head, body, { id, function: name, now }) => toEvent(head, body, id, name, now),
  toResponse,
  hasPrelude: (contentType) => contentType === INTEGRATION,
  toHead,
};
