import type { RuntimeError } from '../runtime-errors.ts';

/** How the Extensions, Telemetry and Logs APIs refuse: statuses, types and words of AWS's Runtime Interface Emulator. */
export const EXTENSION_ERRORS = {
  noName: forbidden('Extension.InvalidExtensionName', 'Empty extension name'),
  noIdentifier: forbidden('Extension.MissingExtensionIdentifier', 'Missing Lambda-Extension-Identifier header'),
  badIdentifier: forbidden('Extension.InvalidExtensionIdentifier', 'Invalid Lambda-Extension-Identifier'),
  noErrorType: forbidden('Extension.MissingHeader', 'Lambda-Extension-Function-Error-Type not found'),
  closed: forbidden('Extension.RegistrationClosed', 'Extension registration closed already'),
  sameName: forbidden('Extension.InvalidExtensionState', 'Extension with this name already registered'),
  tooMany: forbidden('Extension.TooManyExtensions', 'Extension limit (10) reached'),
  telemetryClosed: forbidden('Telemetry.SubscriptionClosed', 'Telemetry API subscription is closed'),
  logsClosed: forbidden('Logs.SubscriptionClosed', 'Logs API subscription is closed'),
  notFound: { status: 404, type: 'NotFound', message: 'No such path in the Extensions API 2020-01-01.' },
  wrongMethod: { status: 405, type: 'MethodNotAllowed', message: 'This path takes another method.' },
} as const satisfies Record<string, RuntimeError>;

export function unknownExtension(id: string): RuntimeError {
  return forbidden('Extension.UnknownExtensionIdentifier', `Unknown extension ${id}`);
}

export function badFormat(message: string): RuntimeError {
  return forbidden('InvalidRequestFormat', message);
}

export function badEvent(event: string): RuntimeError {
  return forbidden('Extension.InvalidEventType', `${event}: ErrorInvalidEventType`);
}

/** A call that does not fit what the extension did before. */
export function wrongExtensionState(from: string, to: string, id: string): RuntimeError {
  const message = `State transition from ${from} to ${to} failed for extension ${id}. Error: State transition is not allowed`;
  return forbidden('Extension.InvalidExtensionState', message);
}

export function validationError(message: string): RuntimeError {
  return { status: 400, type: 'ValidationError', message };
}

function forbidden(type: string, message: string): RuntimeError {
  return { status: 403, type, message };
}
