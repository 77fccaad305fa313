/** Slots of pods by function: {"NAMESPACE/NAME": {"POD": 2}}. */
export type Holdings = Record<string, Record<string, number>>;

/**
 * What activators tell one another, a JSON object a line, each on the connection that it made itself (`POST /v1/peer` on the control port). `members` names all
 * activators that the sender sees, itself too: what was said in another view of who there is must not be mixed with this one.
 */
export type PeerMessage =
  | { type: 'hello'; name: string; address: string }
  /** The sender's view has changed: so many slots it holds of the functions that the receiver owns now. */
  | { type: 'members'; members: string; holdings: Holdings }
  | { type: 'want'; members: string; fn: string; count: number }
  | { type: 'grant'; members: string; fn: string; pod: string; count: number }
  | { type: 'release'; members: string; fn: string; pod: string; count: number }
  /** Slots are short (or no longer): give back what is not in use, and what comes free. */
  | { type: 'contended'; members: string; fn: string; contended: boolean }
  /** Requests running in pods without a limit, by function and pod; those that changed. */
  | { type: 'loads'; loads: Holdings }
  | { type: 'ping' };
