import { describe, expect, it } from 'vitest';
import type { Resources } from '../../common/api/meta.ts';
import type { Container, Pod, PodTemplate } from './objects.ts';
import { afterStart, withStartupBoost } from './startup-boost.ts';

const template = (resources: Resources): PodTemplate => ({
  metadata: { labels: {}, annotations: { kept: 'yes' } },
  spec: { containers: [{ name: 'other' } as Container, { name: 'function', resources } as Container] } as PodTemplate['spec'],
});
const of = ({ spec }: PodTemplate): Resources | undefined => spec.containers.find(({ name }) => name === 'function')?.resources;

describe('withStartupBoost', () => {
  it.each([
    ['none given', { requests: { cpu: '20m' } }, undefined],
    ['no more than there is', { requests: { cpu: '1' } }, { cpu: '500m' }],
    ['the same, written differently', { requests: { cpu: '0.5' } }, { cpu: '500m' }],
  ])('leaves the template as it is: %s', (_, resources, boost) => {
    const before = template(resources);
    expect(withStartupBoost(before, boost)).toBe(before);
  });

  it('raises the request, and notes what it was', () => {
    const after = withStartupBoost(template({ requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '256Mi' } }), { cpu: '500m' });
    expect(of(after)).toEqual({ requests: { cpu: '500m', memory: '64Mi' }, limits: { memory: '256Mi' } });
    expect(after.metadata.annotations).toEqual({ kept: 'yes', 'lull.dev/cpu-after-start': '{"requests":{"cpu":"20m"}}' });
    expect(after.spec.containers[0]).toEqual({ name: 'other' });
  });

  it('raises a lower limit with it, for a request may not be above it, and leaves a higher one', () => {
    const low = withStartupBoost(template({ requests: { cpu: '20m' }, limits: { cpu: '100m' } }), { cpu: '500m' });
    expect(of(low)).toEqual({ requests: { cpu: '500m' }, limits: { cpu: '500m' } });
    expect(low.metadata.annotations?.['lull.dev/cpu-after-start']).toBe('{"requests":{"cpu":"20m"},"limits":{"cpu":"100m"}}');
    expect(of(withStartupBoost(template({ requests: { cpu: '20m' }, limits: { cpu: '2' } }), { cpu: '500m' }))?.limits).toEqual({
      cpu: '2',
    });
  });
});

describe('afterStart', () => {
  const pod = (ready: 'True' | 'False', cpu: string, annotations?: Record<string, string>): Pod =>
    ({
      metadata: { name: 'p', ...(annotations && { annotations }) },
      spec: { containers: [{ name: 'function', resources: { requests: { cpu } } }] },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    }) as Pod;
  const note = { 'lull.dev/cpu-after-start': '{"requests":{"cpu":"20m"}}' };

  it('lowers a pod that is Ready', () => {
    expect(afterStart(pod('True', '500m', note))).toEqual({
      spec: { containers: [{ name: 'function', resources: { requests: { cpu: '20m' } } }] },
    });
  });
  it.each([
    ['is not Ready', pod('False', '500m', note)],
    ['never had a boost', pod('True', '500m')],
    ['was lowered already', pod('True', '20m', note)],
    ['was lowered already, written differently', pod('True', '0.02', note)],
  ])('leaves alone one that %s', (_, each) => {
    expect(afterStart(each)).toBeUndefined();
  });
});
