/** The parts that a cold start is made of, one after another. */
export const PHASES = ['turn', 'patch', 'bound', 'process', 'announce', 'claim', 'handler'] as const;
export type Phase = (typeof PHASES)[number];
/** Whose pod answered first: one of the function's own, or one that was claimed from a warm pool. */
export const KINDS = ['ordinary', 'claimed'] as const;

/** The parts of one cold start, as they become known; milliseconds on the activator's clock. */
export class ColdStart {
  readonly begun: number;
  /** Its turn to start had come (starts.ts). */
  taken: number | undefined;
  patched: number | undefined;
  bound: number | undefined;
  process: number | undefined;
  announced: number | undefined;
  /** A pod of a warm pool became the function's: then there are two parts only, the claim and the handler. */
  claimed: number | undefined;
  /** It has been accounted for, when the first request that waited for it was answered. */
  counted = false;

  constructor(begun: number) {
    this.begun = begun;
  }

  get kind(): (typeof KINDS)[number] {
    return this.claimed === undefined ? 'ordinary' : 'claimed';
  }

  /**
   * The phases between `from` and the first byte of an answer. They follow one another without gaps, so they add up to the whole; a phase whose end was not
   * seen is left out, and its time falls to the next one.
   */
  phases(from: number, firstByte: number): { phase: Phase; millis: number }[] {
    const ownPod = [this.taken, this.patched, this.bound, this.process, this.announced, undefined, firstByte];
    const ends = this.claimed === undefined ? ownPod : [undefined, undefined, undefined, undefined, undefined, this.claimed, firstByte];
    const parts: { phase: Phase; millis: number }[] = [];
    let last = Math.max(this.begun, from);
    PHASES.forEach((phase, i) => {
      const end = ends[i];
      if (end === undefined || end < last) return;
      parts.push({ phase, millis: end - last });
      last = end;
    });
    return parts;
  }

  /**
   * `Server-Timing` of a request that waited for this start and was answered at `firstByte`. Example:
   * `cold;dur=291.1, turn;dur=0.1, patch;dur=6.1, bound;dur=14.2, process;dur=236.0, announce;dur=31.5, handler;dur=3.2`
   */
  serverTiming(arrived: number, firstByte: number): string {
    const parts = this.phases(arrived, firstByte).map(({ phase, millis }) => `${phase};dur=${millis.toFixed(1)}`);
    return [`cold;dur=${(firstByte - arrived).toFixed(1)}`, ...parts].join(', ');
  }
}
