import { expect, it } from 'vitest';
import { table } from './table.ts';

it('stands in columns and says which bars are missed', () => {
  const rows = [
    { name: 'failed requests', bar: '0', figure: '0 of 10', met: true },
    { name: 'p99', bar: '≤ 200 ms', figure: '312 ms', met: false },
    { name: 'memory', bar: '', figure: '100 MiB' },
  ];
  expect(table(rows)).toBe(
    [
      '                         bar       figure',
      'failed requests  met     0         0 of 10',
      'p99              MISSED  ≤ 200 ms  312 ms',
      'memory                             100 MiB',
    ].join('\n'),
  );
});
