/**
 * The announcement: how a pod tells an activator that it is there, and is handed its code.
 *
 * `POST /v1/announce` on the activator's control port, `Authorization: Bearer TOKEN` (see token.ts), content type application/x-ndjson, both bodies
 * open for as long as the pod lives, one JSON object a line. The pod writes a PodMessage (`announce` first, `load` while there are direct callers, `draining` at SIGTERM); the activator
 * writes ActivatorMessages (`welcome` first). An end of the stream, on either side, means the other is gone: the activator forgets the pod's
 * announcement, and the pod announces itself again (at once, then with back-off of 50 ms doubling to 1 s).
 * A refusal is an HTTP status with `{code, message}` as JSON; the pod tries again after 1 s.
 */

/**
 * First line from a pod of a WarmPool that nobody has claimed; its token is that of poolSubject (warm-pool.ts). An activator may claim it: the pod answers with an `announce` that has
 * `claim`, on the stream of the one that claimed it and, without being asked, on all its other streams, or with `refused`. Whoever is first has it: the pod decides.
 */
export interface Free {
  type: 'free';
  namespace: string;
  pool: string;
  /** Hash of the pod template that it was made from. */
  template: string;
  pod: string;
  ip: string;
  port: number;
  uptimeMillis: number;
}

/** To a free pod: be this function. It serves it alone, and is never free again. */
export interface Claim {
  type: 'claim';
  /** Of the activator's choice; comes back in the answer. */
  id: string;
  function: string;
  revision: string;
  /** The environment of the revision's container, as the kubelet would give it, but for LULL_POD and LULL_POD_IP, which the pod has. */
  env: Record<string, string>;
  /** Inline code, where LULL_CODE_DIGEST asks for it. */
  code?: { digest: string; files: Record<string, string> };
}

/** From a pod that cannot be what a claim says. */
export interface ClaimRefused {
  type: 'refused';
  claim: string;
  /** 409 AlreadyClaimed: somebody else was first, or it is ending. 400 BadClaim: the message says why; the pod ends. */
  status: 409 | 400;
  code: 'AlreadyClaimed' | 'BadClaim';
  message: string;
}

/** To a claimed pod: a pod of the function's own has come. It drains, as at SIGTERM, and ends. */
export interface Retire {
  type: 'retire';
}

/** To a function's own pod: which values have these variables? For those that come from Secrets and ConfigMaps, which no component of Lull may read (docs/adr/0017). */
export interface Tell {
  type: 'tell';
  names: string[];
}

/** The answer; variables that are not set are left out. */
export interface EnvironmentMessage {
  type: 'environment';
  values: Record<string, string>;
}

/** First line from a pod; from one that was free, also a later one. */
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
  /** The WarmPool that the pod was claimed from; always said by such a pod. */
  pool?: string;
  /** In the answer to a claim, its id; the same on the pod's other streams. */
  claim?: string;
  /** With `claim`: the function's token, since the stream was opened with the pool's. */
  token?: string;
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

export type PodMessage = Announce | Free | ClaimRefused | EnvironmentMessage | Draining | Load;

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

export type ActivatorMessage = Welcome | CodeMessage | Claim | Retire | Tell | Ping;
