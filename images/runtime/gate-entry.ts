import type { Call } from './call.ts';
import type { Gate } from './gate.ts';

export interface GateEntry {
  /** Undefined where the activators alone give slots out, and count them. */
  gate: Gate | undefined;
  call: Pick<Call, 'onClose' | 'offClose'>;
  /** Unix milliseconds until which whoever sent the request waits. */
  deadline: number;
  /** A slot is taken, or none is needed. */
  entered: () => void;
  /** None came free in time. */
  late: () => void;
  /** Whoever sent it has gone. */
  left: () => void;
}

/** Takes a slot of the pod for a request that came by an activator: waits for one, first come first served, while direct callers have them all. */
export function enterGate({ gate, call, deadline, entered, late, left }: GateEntry): void {
  if (!gate || gate.tryTake()) {
    entered();
    return;
  }
  const leave = gate.wait(() => {
    settle();
    entered();
  });
  const onClose = (): void => {
    settle();
    if (leave()) left();
  };
  const timer = setTimeout(
    () => {
      settle();
      if (leave()) late();
    },
    Math.max(0, deadline - Date.now()),
  );
  const settle = (): void => {
    clearTimeout(timer);
    call.offClose(onClose);
  };
  call.onClose(onClose);
}
