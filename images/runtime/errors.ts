/**
 * Every way in which the bridge answers instead of the handler: a stable code (header `x-lull-error`), a status and a sentence that says what to do.
 * Where it is the handler's failure, the client is told only "Internal Server Error", as API Gateway does; the sentence goes to the log.
 */
export const ERRORS = {
  RequestTooLarge: {
    status: 413,
    message: 'The request body is larger than 6 MiB, the most that a handler is given. Send less, or put it in an object store.',
  },
  BadRequest: { status: 400, message: 'The request could not be read. Check its method, path and body length.' },
  OverConcurrency: {
    status: 503,
    message: 'This pod already runs as many requests as spec.concurrency allows. Try again; another pod may be free.',
  },
  Draining: { status: 503, message: 'This pod is ending. Try again; another pod will answer.' },
  NoActivator: {
    status: 503,
    message: 'This pod has no room, and no activator could be reached that would find some. Nothing was run; try again.',
  },
  ActivatorLost: {
    status: 502,
    message: 'This pod had no room, and the activator that it handed the request to went away with it. It may have run.',
  },
  HandlerError: { status: 502, message: 'The handler raised an error. Its traceback is in the lines above.' },
  HandlerExited: {
    status: 502,
    message: 'The handler process ended before it answered. Do not call exit in a handler; a new process was started.',
  },
  HandlerKilled: {
    status: 502,
    message: 'The handler process was killed (137, SIGKILL), probably because it ran out of memory. Raise spec.resources.limits.memory.',
  },
  InitFailed: {
    status: 502,
    message: 'The handler could not be loaded. Check spec.handler, the imports and the lines logged during init.',
  },
  ExtensionFailed: {
    status: 502,
    message:
      'An extension in /opt/extensions failed, and with it the handler. Its own lines say why; with the next request all are started anew.',
  },
  InvalidResponse: {
    status: 502,
    message:
      'The handler returned what is no HTTP response. Return {"statusCode": 200, "headers": {…}, "body": "a string"} or any JSON value without statusCode.',
  },
  ResponseTooLarge: {
    status: 502,
    message: 'The handler returned more than 6 MiB, the most that AWS Lambda allows. Return less, or a link to an object store.',
  },
  HandlerTimeout: {
    status: 504,
    message: 'The handler did not answer within spec.timeoutSeconds; its process was killed and a new one started.',
  },
  InitTimeout: {
    status: 504,
    message: 'The handler did not finish loading within spec.timeoutSeconds. Do less at import, or raise spec.timeoutSeconds.',
  },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** Codes whose sentence speaks to whoever sent the request, not to whoever wrote the function. */
const FOR_THE_CLIENT: ReadonlySet<ErrorCode> = new Set([
  'RequestTooLarge',
  'BadRequest',
  'OverConcurrency',
  'Draining',
  'NoActivator',
  'ActivatorLost',
  'HandlerTimeout',
  'InitTimeout',
]);

/** The JSON body that a client gets. */
export function errorBody(code: ErrorCode, requestId: string): string {
  const message = FOR_THE_CLIENT.has(code) ? ERRORS[code].message : 'Internal Server Error';
  return JSON.stringify({ message, code, requestId });
}
