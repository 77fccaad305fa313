/** The parts of one cold start, as they become known; milliseconds on the activator's clock. */
export class ColdStart {
  readonly begun: number;
  patched: number | undefined;
  bound: number | undefined;
  process: number | undefined;
  announced: number | undefined;

  constructor(begun: number) {
    this.begun = begun;
  }

  /**
   * `Server-Timing` of a request that waited for this start and was answered at `firstByte`: the parts one after another, so that they add up to the
   * whole; a part whose end was not seen is left out and its time falls to the next one. Example:
   * `cold;dur=291.0, patch;dur=6.1, bound;dur=14.2, process;dur=236.0, announce;dur=31.5, handler;dur=3.2`
   */
  serverTiming(arrived: number, firstByte: number): string {
    let last = Math.max(this.begun, arrived);
    const parts = [`cold;dur=${(firstByte - arrived).toFixed(1)}`];
    const ends: [string, number | undefined][] = [
      ['patch', this.patched],
      ['bound', this.bound],
      ['process', this.process],
      ['announce', this.announced],
      ['handler', firstByte],
    ];
    for (const [name, end] of ends) {
      if (end === undefined || end < last) continue;
      parts.push(`${name};dur=${(end - last).toFixed(1)}`);
      last = end;
    }
    return parts.join(', ');
  }
}
