/** Milliseconds on a clock that never goes back; passed in so that tests need not sleep. */
export type Clock = () => number;

export const monotonic: Clock = () => performance.now();
