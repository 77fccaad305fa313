/**
 * The fixed idle time, in seconds, that comes to so many idle pod-seconds (within one in a thousand, or to the longest of 10 days): they grow with it, so by halving.
 */
export function equalIdle(idleOf: (idleSeconds: number) => number, wanted: number): number {
  let [low, high] = [0, 10 * 86_400];
  for (let step = 0; step < 40; step += 1) {
    // The middle of the orders of magnitude: what is sought may be 10 s or 10 h.
    const middle = Math.sqrt((low + 1) * (high + 1)) - 1;
    const idle = idleOf(middle);
    if (Math.abs(idle - wanted) <= wanted / 1000 || high - low < 0.1) return middle;
    if (idle < wanted) low = middle;
    else high = middle;
  }
  return low;
}
