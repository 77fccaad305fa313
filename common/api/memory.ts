const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A Kubernetes quantity as a number: "256Mi" → 268435456, "100m" → 0.1; undefined for what is none. */
export function quantityValue(quantity: string | undefined): number | undefined {
  const match = /^([0-9.]+)([A-Za-z]*)$/.exec(quantity ?? '');
  return match ? Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1) : undefined;
}

/** A Kubernetes quantity of memory as Lambda's megabytes (MiB), rounded down, at least 1: "256Mi" → 256, "1G" → 953. */
export function memoryMegabytes(quantity: string | undefined): number {
  const bytes = quantityValue(quantity);
  return bytes === undefined ? 128 : Math.max(1, Math.floor(bytes / 2 ** 20));
}
