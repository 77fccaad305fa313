/**
 * The announcement: how a pod tells an activator that it is there, and is handed its code.
 *
 * `POST /v1/announce` on the activator's control port, `Authorization: Bearer TOKEN` (see token.ts), content type application/x-ndjson, both bodies
 * open for as long as the pod lives, one JSON object a line. The pod writes a PodMessage (`announce` first, `load` while there are direct callers, `draining` at SIGTERM); the activator
 * writes ActivatorMessages (`welcome` first). An end of the stream, on either side, means the other is gone: the activator forgets the pod's
 * announcement, and the pod announces itself again (at once, then with back-off of 50 ms doubling to 1 s).
 * A refusal is an HTTP status with `{code, message}` as JSON; the pod tries again after 1 s.
 */

/** First line from a pod. */
export interface Announce {
  type: 'announce';
  namespace: string;
  function: string;
  /** Name of the revision's Deployment. */
  revision: string;
  /** The pod's name and IP (downward API). The activator checks the IP against the connection's source address. */
  pod: string;
  ip: string;
  /** Port for requests. For an `http` function it is the user's server's, which may not listen yet: the activator tries until it does. */
  port: number;
  protocol: 'lambda' | 'http';
  /** Digest of the code that the pod still needs, left out when it needs none (or has it already). */
  needsCode?: string;
  /** Milliseconds between the start of the pod's process and this line, for the parts of a cold start. */
  uptimeMillis: number;
}

/** From a pod at SIGTERM: send nothing new; what runs is finished. */
export interface Draining {
  type: 'draining';
}

/**
 * From a pod that serves direct callers, too: so many of its slots they take now. Said when it changes, at most every 100 ms, and after each announcement while it
 * is not 0.
 */
export interface Load {
  type: 'load';
  direct: number;
}

export type PodMessage = Announce | Draining | Load;

/** First line to a pod. */
export interface Welcome {
  type: 'welcome';
  /** Name of the activator's pod. */
  activator: string;
  /** HOST:PORT of the other activators' control ports; the pod announces itself to each. Sent again, as a new welcome, when they change. */
  peers: string[];
}

/** The code that `needsCode` asked for: file contents by name, as UTF-8 text. */
export interface CodeMessage {
  type: 'code';
  digest: string;
  files: Record<string, string>;
}

/** Written every 5 s, so that a dead connection is noticed: 15 s without any line means gone. */
export interface Ping {
  type: 'ping';
}

export type ActivatorMessage = Welcome | CodeMessage | Ping;
