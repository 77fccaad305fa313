/**
 * The pod's slots, where direct callers take some of them besides the activators: no more than that many at once, whoever they are of. A request that came by an
 * activator was promised a slot and waits for it, first come first served; direct callers get only what nobody waits for.
 */
export class Gate {
  readonly #slots: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Takes a slot if one is free and nobody waits. */
  tryTake(): boolean {
    if (this.#taken >= this.#slots || this.#waiting.length > 0) return false;
    this.#taken += 1;
    return true;
  }

  /** Calls back once, with a slot taken for the caller. The result leaves the queue; false when the slot was given already. */
  wait(onSlot: () => void): () => boolean {
    this.#waiting.push(onSlot);
    return () => {
      const at = this.#waiting.indexOf(onSlot);
      if (at >= 0) this.#waiting.splice(at, 1);
      return at >= 0;
    };
  }

  /** Gives a slot back: to whoever waits longest. */
  release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken -= 1;
  }
}
