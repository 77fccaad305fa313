import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../body.ts';
import { type RuntimeError, sendRuntimeError } from '../runtime-errors.ts';
import { Extension, type ExtensionEvent } from './extension.ts';
import { badEvent, badFormat, EXTENSION_ERRORS, unknownExtension, validationError, wrongExtensionState } from './extension-errors.ts';
import { type ExtensionHost, MAX_EXTENSIONS, type Owner } from './host.ts';
import { parseSubscription, type TelemetryApi } from './subscription.ts';

/** Registrations and subscriptions are small. */
const MAX_BODY_BYTES = 64 * 1024;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

type Answer = (res: ServerResponse) => void;

/** One call of AWS's Extensions API (2020-01-01), Telemetry API (2022-07-01) or Logs API (2020-08-15). */
export function handleRequest(
  host: ExtensionHost,
  owner: Owner | undefined,
  path: string,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  const call = ROUTES[path.replace(/\/$/, '')];
  const error = !call ? EXTENSION_ERRORS.notFound : call.method !== req.method ? EXTENSION_ERRORS.wrongMethod : undefined;
  readBody(req, MAX_BODY_BYTES, (body, complete) => {
    if (!complete || res.destroyed) return;
    const answer = error ?? call?.handle({ host, owner, req, body: body?.toString() ?? '' });
    if (typeof answer === 'function') answer(res);
    else if (answer) sendRuntimeError(res, answer);
  });
}

interface Call {
  host: ExtensionHost;
  owner: Owner | undefined;
  req: IncomingMessage;
  body: string;
}

const ROUTES: Readonly<Record<string, { method: string; handle: (call: Call) => Answer | RuntimeError }>> = {
  '/2020-01-01/extension/register': { method: 'POST', handle: register },
  '/2020-01-01/extension/event/next': { method: 'GET', handle: next },
  '/2020-01-01/extension/init/error': { method: 'POST', handle: (call) => failed(call, 'InitError') },
  '/2020-01-01/extension/exit/error': { method: 'POST', handle: (call) => failed(call, 'ExitError') },
  '/2022-07-01/telemetry': { method: 'PUT', handle: (call) => subscribe(call, 'telemetry') },
  '/2020-08-15/logs': { method: 'PUT', handle: (call) => subscribe(call, 'logs') },
};

function register({ host, owner, req, body }: Call): Answer | RuntimeError {
  const name = header(req, 'lambda-extension-name');
  if (!name) return EXTENSION_ERRORS.noName;
  const events = parseEvents(body);
  if (typeof events === 'string') return badFormat(events);
  const external = host.external(name);
  // AWS's Managed Instances do the same where there are several requests at once.
  const known: readonly string[] = external ? (host.isShared ? ['SHUTDOWN'] : ['INVOKE', 'SHUTDOWN']) : ['INVOKE'];
  const unknown = events.find((event) => !known.includes(event));
  if (unknown !== undefined) return badEvent(unknown);
  const extension = external ?? newInternal(host, owner, name);
  if (!(extension instanceof Extension)) return extension;
  if (!extension.may('register')) return wrongExtensionState(extension.state, 'Registered', name);
  extension.register(events as ExtensionEvent[]);
  const accepts = (header(req, 'lambda-extension-accept-feature') ?? '').split(',').some((feature) => feature.trim() === 'accountId');
  return (res) => {
    sendJson(
      res,
      200,
      { 'Lambda-Extension-Identifier': extension.id },
      {
        functionName: host.config.lambdaName,
        functionVersion: '$LATEST',
        handler: host.config.handlerEnv['_HANDLER'],
        ...(accepts && { accountId: '000000000000' }),
      },
    );
    host.changed(extension);
  };
}

function newInternal(host: ExtensionHost, owner: Owner | undefined, name: string): Extension | RuntimeError {
  if (!owner || !host.isInitializing(owner)) return EXTENSION_ERRORS.closed;
  if (host.internal(owner, name)) return EXTENSION_ERRORS.sameName;
  if (host.count(owner) >= MAX_EXTENSIONS) return EXTENSION_ERRORS.tooMany;
  const extension = new Extension(name);
  host.addInternal(owner, extension);
  return extension;
}

/** What is wrong, or the events. */
function parseEvents(body: string): string[] | string {
  try {
    const { events = [], configurationKeys = [] } = JSON.parse(body) as { events?: unknown; configurationKeys?: unknown[] };
    if (configurationKeys?.length > 0) return 'configurationKeys are deprecated; use environment variables instead';
    return Array.isArray(events) ? events.map(String) : events === null ? [] : 'events should be a list';
  } catch (error) {
    return (error as Error).message;
  }
}

/** The extension that calls, or why it is none. */
function caller({ host, req }: Call): { extension: Extension; owner: Owner | undefined } | RuntimeError {
  const id = header(req, 'lambda-extension-identifier');
  if (!id) return EXTENSION_ERRORS.noIdentifier;
  if (!UUID.test(id)) return EXTENSION_ERRORS.badIdentifier;
  return host.find(id.toLowerCase()) ?? unknownExtension(id);
}

function next(call: Call): Answer | RuntimeError {
  const found = caller(call);
  if (!('extension' in found)) return found;
  const { extension } = found;
  if (!extension.may('next')) return wrongExtensionState(extension.state, 'Ready', extension.id);
  return (res) => {
    extension.next(res);
    call.host.changed(extension);
  };
}

function failed(call: Call, state: 'InitError' | 'ExitError'): Answer | RuntimeError {
  const errorType = header(call.req, 'lambda-extension-function-error-type');
  const found = caller(call);
  if (!('extension' in found)) return found;
  if (!errorType) return EXTENSION_ERRORS.noErrorType;
  const { extension } = found;
  if (!extension.may(state === 'InitError' ? 'initError' : 'exitError'))
    return wrongExtensionState(extension.state, state === 'InitError' ? 'InitError' : 'Exited', extension.id);
  extension.fail(state, errorType);
  return (res) => {
    sendJson(res, 202, {}, { status: 'OK' });
    call.host.changed(extension);
  };
}

function subscribe(call: Call, api: TelemetryApi): Answer | RuntimeError {
  const found = caller(call);
  if (!('extension' in found)) return found;
  const { host, body } = call;
  const { extension, owner } = found;
  if (!host.isInitializing(owner)) return api === 'logs' ? EXTENSION_ERRORS.logsClosed : EXTENSION_ERRORS.telemetryClosed;
  const other = host.telemetry.apiOf(extension.id);
  if (other !== undefined && other !== api) return validationError(`The extension has subscribed to the ${other} API already`);
  try {
    host.subscribe(extension, parseSubscription(api, body));
  } catch (error) {
    return validationError((error as Error).message);
  }
  return (res) => sendJson(res, 200, {}, 'OK');
}

function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function sendJson(res: ServerResponse, status: number, headers: Record<string, string>, value: unknown): void {
  const body = JSON.stringify(value);
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), ...headers });
  res.end(body);
}
