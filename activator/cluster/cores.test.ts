import { describe, expect, it } from 'vitest';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { allocatableCores, Cores } from './cores.ts';

const node = (cpu: string, effect?: string) => ({ spec: { ...(effect && { taints: [{ effect }] }) }, status: { allocatable: { cpu } } });

describe('allocatableCores', () => {
  it('is the sum of what the nodes that take pods have for them', () => {
    const nodes = [node('2'), node('1930m'), node('64', 'NoSchedule'), node('64', 'NoExecute'), node('1', 'PreferNoSchedule'), {}];
    expect(allocatableCores(nodes)).toBeCloseTo(4.93);
    expect(allocatableCores([])).toBe(0);
  });
});

describe('Cores', () => {
  it('keeps what it knew, and says once that it cannot look', async () => {
    let error: Error | undefined;
    const said: unknown[] = [];
    const transport = {
      request: async (_method: string, path: string) => {
        if (error) throw error;
        const isFirst = path.endsWith('&continue=');
        return { body: { metadata: isFirst ? { continue: 'a/b' } : {}, items: [node(isFirst ? '2' : '1')] } };
      },
    } as unknown as KubeTransport;
    const cores = new Cores({ transport, failed: (why) => said.push(why) });
    expect(cores.count).toBeUndefined();
    await cores.look();
    expect(cores.count).toBe(3);
    error = new Error('nodes is forbidden');
    await cores.look();
    await cores.look();
    expect([cores.count, said]).toEqual([3, [error]]);
  });
});
