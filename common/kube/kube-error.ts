/** What the API server's `Status` object says of a failure. */
export interface KubeStatus {
  code?: number;
  reason?: string;
  message?: string;
  details?: { retryAfterSeconds?: number; causes?: { reason?: string; message?: string; field?: string }[] };
}

/** A request that failed. `code` is the HTTP status, or 0 when no answer came; `reason` is Kubernetes' word, or one of ours for code 0. */
export class KubeError extends Error {
  override name = 'KubeError';
  readonly code: number;
  readonly reason: string;
  readonly status: KubeStatus | undefined;
  /** How long the server asked us to wait (429, 503). */
  readonly retryAfterMillis: number | undefined;

  constructor(
    code: number,
    reason: string,
    message: string,
    options: { status?: KubeStatus; retryAfterMillis?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.reason = reason;
    this.status = options.status;
    this.retryAfterMillis = options.retryAfterMillis;
  }

  /** From an error answer's body, or from an ERROR event of a watch. */
  static fromStatus(code: number, body: unknown, where: string, retryAfterHeader?: string): KubeError {
    const status = isStatus(body) ? body : undefined;
    const seconds = Number(retryAfterHeader ?? status?.details?.retryAfterSeconds);
    const message = status?.message ?? (typeof body === 'string' ? body.slice(0, 500) : 'no message');
    return new KubeError(code, status?.reason ?? 'Unknown', `${where}: ${code} ${message}`, {
      ...(status === undefined ? {} : { status }),
      ...(seconds > 0 ? { retryAfterMillis: seconds * 1000 } : {}),
    });
  }
}

function isStatus(body: unknown): body is KubeStatus {
  return typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Status';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.code === 404;
}

/** Someone else wrote first (resourceVersion), owns the field (server-side apply), or it exists already (create). */
export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.code === 409;
}

/** The resourceVersion or continue token is older than what the server remembers. */
export function isGone(error: unknown): boolean {
  return error instanceof KubeError && (error.code === 410 || error.reason === 'Expired' || error.reason === 'Gone');
}

/** No answer came: whether the request had an effect is unknown. */
export function isConnectionFailure(error: unknown): boolean {
  return error instanceof KubeError && error.code === 0 && error.reason !== 'MalformedLine';
}
