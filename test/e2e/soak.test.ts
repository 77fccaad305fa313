import { expect, it } from 'vitest';
import { soak } from '../bench/proxy/soak.ts';

it('two minutes of mixed load leave nothing behind', { timeout: 200_000 }, async () => {
  const result = await soak(2, console.log);
  expect(result.errors).toBe(0);
  expect(result.requests).toBeGreaterThan(100_000);
  expect((result.after - result.before) / 1048576).toBeLessThan(20);
  expect(result.sockets).toBeLessThanOrEqual(result.socketsBefore + 2);
  expect(result.last.open).toBe(0);
});
