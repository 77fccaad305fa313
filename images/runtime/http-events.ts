import { toEventAlb } from './event-alb.ts';
import { toEventV1 } from './event-v1.ts';
import { toEventV2 } from './event-v2.ts';
import { toHead, toInferredResponse, toProxyResponse } from './response.ts';
import { INTEGRATION } from './streamed.ts';
import type { Translation } from './translation.ts';

/** What an HTTP request becomes for a handler: which of AWS's front ends is in front of it, so to speak (spec.httpEvent). */
export type HttpEvent = 'apigateway-v2' | 'apigateway-v1' | 'alb' | 'alb-multi-value';

/** Handlers stream in the same way, whatever they are sent. */
const streaming = { hasPrelude: (contentType: string): boolean => contentType === INTEGRATION, toHead };

export const HTTP_EVENTS: Readonly<Record<HttpEvent, Translation>> = {
  'apigateway-v2': { toEvent: toEventV2, toResponse: toInferredResponse, ...streaming },
  'apigateway-v1': { toEvent: toEventV1, toResponse: toProxyResponse, ...streaming },
  alb: { toEvent: (head, body, facts) => toEventAlb(head, body, facts, false), toResponse: toProxyResponse, ...streaming },
  'alb-multi-value': { toEvent: (head, body, facts) => toEventAlb(head, body, facts, true), toResponse: toProxyResponse, ...streaming },
};

export function isHttpEvent(name: string): name is HttpEvent {
  return Object.hasOwn(HTTP_EVENTS, name);
}
