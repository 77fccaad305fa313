/** As much as one read yields. */
export const SLAB_BYTES = 65_536;
/** Slabs kept for reuse: 4 MiB. */
const KEPT = 64;

const free: Buffer[] = [];

/**
 * Buffers of 64 KiB that are used again once they are written: one that is made anew each time costs its pages, which the kernel clears, and a share of a
 * garbage collection, 30 µs together.
 */
export function takeSlab(): Buffer {
  return free.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
}

export function returnSlab(slab: Buffer): void {
  if (free.length < KEPT) free.push(slab);
}

/** At rest the kept ones are given back: 4 MiB of an activator's 100. */
export function dropSlabs(): void {
  free.length = 0;
}
