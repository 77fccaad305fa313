import { describe, expect, it } from 'vitest';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { allocatableCores, Cores } from './cores.ts';

const node = (cpu: string, unschedulable = false) => ({ spec: { unschedulable }, status: { allocatable: { cpu } } });

describe('allocatableCores', () => {
  it('is the sum of what the nodes that take pods have for them', () => {
    expect(allocatableCores({ items: [node('2'), node('1930m'), node('64', true), {}] })).toBeCloseTo(3.93);
    expect(allocatableCores({ items: [] })).toBe(0);
  });
});

describe('Cores', () => {
  it('keeps what it knew, and says once that it cannot look', async () => {
    let error: Error | undefined;
    const said: unknown[] = [];
    const transport = {
      request: async () => {
        if (error) throw error;
        return { body: { items: [node('2')] } };
      },
    } as unknown as KubeTransport;
    const cores = new Cores({ transport, failed: (why) => said.push(why) });
    expect(cores.count).toBeUndefined();
    await cores.look();
    expect(cores.count).toBe(2);
    error = new Error('nodes is forbidden');
    await cores.look();
    await cores.look();
    expect([cores.count, said]).toEqual([2, [error]]);
  });
});
