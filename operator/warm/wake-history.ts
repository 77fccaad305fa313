/** So long, with some room, until a pod that was taken is replaced: the kubelet's start, and the modules that are loaded. */
export const SPAN_SECONDS = 10;
const HOUR_SPANS = 3600 / SPAN_SECONDS;
/** A pool that is empty now and then is an ordinary wake; one that is always as large as the worst moment costs pods all day. */
const LEFT_OUT = 3;

/** Wakes of the last hour, by spans of ten seconds. */
export class WakeHistory {
  readonly #spans = new Map<number, number>();

  /** @param now milliseconds since 1970 */
  add(wakes: number, now: number): void {
    if (wakes <= 0) return;
    const span = Math.floor(now / 1000 / SPAN_SECONDS);
    this.#spans.set(span, (this.#spans.get(span) ?? 0) + wakes);
  }

  /** The most wakes in a span of the last hour, its few busiest ones left out, and all of them together. */
  need(now: number): { total: number; need: number; leftOut: number } {
    const oldest = Math.floor(now / 1000 / SPAN_SECONDS) - HOUR_SPANS;
    for (const span of this.#spans.keys()) if (span <= oldest) this.#spans.delete(span);
    const counts = [...this.#spans.values()].sort((a, b) => b - a);
    return { total: counts.reduce((sum, count) => sum + count, 0), need: counts[LEFT_OUT] ?? 0, leftOut: LEFT_OUT };
  }
}
