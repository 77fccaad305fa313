import { describe, expect, it } from 'vitest';
import { parseMetrics, total } from './metrics.ts';

const text = `# HELP a_total Of a.
# TYPE a_total counter
a_total{kind="scale",function="x\\"y"} 2
a_total{kind="status",function="z"} 3.5
b 1e3 1700000000000
c NaN
`;

describe('metrics', () => {
  it('parses names, labels and values', () => {
    expect(parseMetrics(text)).toEqual([
      { name: 'a_total', labels: { kind: 'scale', function: 'x\\"y' }, value: 2 },
      { name: 'a_total', labels: { kind: 'status', function: 'z' }, value: 3.5 },
      { name: 'b', labels: {}, value: 1000 },
      { name: 'c', labels: {}, value: Number.NaN },
    ]);
  });

  it.each([
    ['a_total', {}, 5.5],
    ['a_total', { kind: 'scale' }, 2],
    ['a_total', { kind: 'event' }, undefined],
    ['absent', {}, undefined],
  ])('sums %s %j', (name, labels, sum) => expect(total(parseMetrics(text), name, labels as Record<string, string>)).toBe(sum));
});
