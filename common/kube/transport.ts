/** What Lull asks of a connection to a Kubernetes API server: JSON in, JSON out, and watches as lines. */
export interface KubeTransport {
  /**
   * One request. `path` begins with `/api` or `/apis` and carries its query.
   * Throws KubeError for a status of 400 or more, for a connection that fails, and after `timeoutMillis` (10 s when left out).
   */
  request(method: string, path: string, options?: RequestOptions): Promise<KubeResponse>;
  /**
   * Streams a watch: `onLine` for each line, parsed, in order. Resolves when the server ends the stream or the signal aborts; rejects with KubeError
   * when it refuses, when the connection breaks, or at a line that is not JSON (reason MalformedLine). What `onLine` throws ends the watch and is thrown.
   */
  watch(path: string, onLine: (line: unknown) => void, signal: AbortSignal, accept?: string): Promise<void>;
  /** Ends the connections at once, watches included. */
  close(): Promise<void>;
}

export interface RequestOptions {
  body?: unknown;
  /** `application/json` when left out. */
  contentType?: string;
  /** What the answer may be; `application/json` when left out. */
  accept?: string;
  signal?: AbortSignal;
  timeoutMillis?: number;
}

export interface KubeResponse {
  status: number;
  /** The parsed JSON; text when it is not JSON (/healthz), undefined when empty. */
  body: unknown;
}
