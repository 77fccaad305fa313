import { expect } from 'vitest';
import type { Language } from './languages.ts';
import type { Running } from './running.ts';
import { fails, SUBJECTS } from './subjects.ts';

/** A handler of examples/lambda and something that it shows. */
export interface Case {
  language: Language;
  /** Of its file, folder or class. */
  handler: string;
  shows: string;
  env?: Record<string, string>;
  check: (f: Running) => Promise<void>;
}

const HELLO = { message: 'Hello Ada!' };
const SHORT = { LULL_TIMEOUT_SECONDS: '1' };
const EXITED = {
  errorType: 'Runtime.ExitError',
  errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited with error: exit status 1$/),
};
const TIMED_OUT = {
  errorType: 'Sandbox.Timedout',
  errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1.00 seconds$/),
};

/** Greet, failing: the event is a name that makes it fail in a certain way. */
const greets = (name: string, told: object) => fails({ name }, told, { name: 'Ada' }, HELLO);
/** errors of Go, in which `how` names the way. */
const errs = (how: string, told: object) => fails({ how }, told, { how: 'not' }, 'well');

const WHAT = {
  greet: 'a result, UTF-8 both ways',
  context: 'context, client context, environment; globals cold and warm; /tmp',
  orders: 'SQS event, partial batch response',
  uploads: 'S3 event',
  http: 'API Gateway 2.0 event; binary both ways, cookies',
  payload: '6 MB each way, and one byte more',
} as const;

function common(language: Language, names: Partial<Record<keyof typeof WHAT, string>>): Case[] {
  return Object.entries(names).map(([subject, handler]) => {
    const key = subject as keyof typeof WHAT;
    const file = language === 'Node' ? 'nodejs' : language.toLowerCase();
    return { language, handler, shows: WHAT[key], check: (f) => SUBJECTS[key](f, file) };
  });
}

export const CASES: readonly Case[] = [
  ...common('Python', {
    greet: 'greet',
    context: 'with_context',
    orders: 'orders',
    uploads: 'uploads',
    http: 'http_api',
    payload: 'payload',
  }),
  {
    language: 'Python',
    handler: 'greet',
    shows: 'an error of its own class, with its stack trace',
    check: greets('', { errorType: 'NoName', errorMessage: 'received no name', stackTrace: [expect.stringContaining('greet.py')] }),
  },
  {
    language: 'Python',
    handler: 'greet',
    shows: 'an exit',
    check: greets('exit', EXITED),
  },
  { language: 'Python', handler: 'greet', shows: 'a timeout', env: SHORT, check: greets('wait', TIMED_OUT) },
  ...common('Node', {
    greet: 'greet',
    context: 'with-context',
    orders: 'orders',
    uploads: 'uploads',
    http: 'http-api',
    payload: 'payload',
  }),
  { language: 'Node', handler: 'stream', shows: 'streamifyResponse with HttpResponseStream', check: SUBJECTS.httpStream },
  {
    language: 'Node',
    handler: 'greet',
    shows: 'a rejected promise, with its stack trace',
    check: greets('', {
      errorType: 'NoName',
      errorMessage: 'received no name',
      trace: expect.arrayContaining(['NoName: received no name']),
    }),
  },
  { language: 'Node', handler: 'greet', shows: 'an exit', check: greets('exit', EXITED) },
  {
    language: 'Node',
    handler: 'greet',
    shows: 'an exception that nobody catches',
    // So says the client of Node 24, which ends the process; the error itself is in the log.
    check: greets('throw later', EXITED),
  },
  { language: 'Node', handler: 'greet', shows: 'a timeout', env: SHORT, check: greets('wait', TIMED_OUT) },
  ...common('Go', { greet: 'greet', context: 'context', orders: 'sqs', http: 'http', payload: 'payload' }),
  { language: 'Go', handler: 'stream', shows: 'LambdaFunctionURLStreamingResponse', check: SUBJECTS.httpStream },
  {
    language: 'Go',
    handler: 'errors',
    shows: 'an error',
    check: errs('error', { errorType: 'errorString', errorMessage: 'something went wrong' }),
  },
  {
    language: 'Go',
    handler: 'errors',
    shows: 'an error of its own type',
    check: errs('typed', { errorType: 'notFoundError', errorMessage: 'there is no order 7' }),
  },
  {
    language: 'Go',
    handler: 'errors',
    shows: 'a panic, with its stack trace',
    check: errs('panic', {
      errorType: 'string',
      errorMessage: 'a panic',
      stackTrace: expect.arrayContaining([expect.objectContaining({ label: 'handle' })]),
    }),
  },
  { language: 'Go', handler: 'errors', shows: 'an exit', check: errs('exit', EXITED) },
  { language: 'Go', handler: 'errors', shows: 'a timeout', env: SHORT, check: errs('wait', TIMED_OUT) },
  ...common('Rust', { greet: 'greet', context: 'context', orders: 'sqs', payload: 'payload' }),
  { language: 'Rust', handler: 'stream', shows: 'streaming::Response of a channel', check: SUBJECTS.stream },
  {
    language: 'Rust',
    handler: 'greet',
    shows: 'an error',
    check: greets('', { errorType: expect.stringContaining('dyn core::error::Error'), errorMessage: 'received no name' }),
  },
  { language: 'Rust', handler: 'greet', shows: 'a panic', check: greets('panic', { errorMessage: 'Lambda panicked: a panic' }) },
  ...common('Java', { greet: 'Greet', context: 'WithContext', orders: 'Orders', http: 'Http', payload: 'Payload' }),
  {
    language: 'Java',
    handler: 'Greet',
    shows: 'an exception, with its stack trace',
    check: greets('', {
      errorType: 'java.lang.IllegalArgumentException',
      errorMessage: 'received no name',
      stackTrace: expect.arrayContaining([expect.stringContaining('example.Greet.handleRequest')]),
    }),
  },
  { language: 'Java', handler: 'Greet', shows: 'an exit', check: greets('exit', EXITED) },
];
