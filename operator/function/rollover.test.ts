import { describe, expect, it } from 'vitest';
import { rollover } from './rollover.ts';

describe('rollover', () => {
  const table: [string, string | undefined, [string, number, number][], ReturnType<typeof rollover>][] = [
    ['the first revision is active at once', undefined, [['new', 0, 0]], { active: 'new', scale: [], remove: [] }],
    [
      'at zero the new one takes over at once',
      'old',
      [
        ['old', 0, 0],
        ['new', 0, 0],
      ],
      { active: 'new', scale: [], remove: ['old'] },
    ],
    [
      'running: the new one is brought up first',
      'old',
      [
        ['old', 3, 3],
        ['new', 0, 0],
      ],
      { active: 'old', scale: [{ name: 'new', from: 0, to: 3 }], remove: [] },
    ],
    [
      'not all Ready: wait',
      'old',
      [
        ['old', 3, 3],
        ['new', 3, 2],
      ],
      { active: 'old', scale: [], remove: [] },
    ],
    [
      'all Ready: switch and remove',
      'old',
      [
        ['old', 3, 3],
        ['new', 3, 3],
      ],
      { active: 'new', scale: [], remove: ['old'] },
    ],
    [
      'the old one grew meanwhile: follow',
      'old',
      [
        ['old', 5, 5],
        ['new', 3, 3],
      ],
      { active: 'old', scale: [{ name: 'new', from: 3, to: 5 }], remove: [] },
    ],
    [
      'one in between is dropped',
      'old',
      [
        ['old', 1, 1],
        ['mid', 1, 0],
        ['new', 0, 0],
      ],
      { active: 'old', scale: [{ name: 'new', from: 0, to: 1 }], remove: ['mid'] },
    ],
    ['the active one is gone: switch', 'old', [['new', 0, 0]], { active: 'new', scale: [], remove: [] }],
    ['nothing to do', 'new', [['new', 2, 1]], { active: 'new', scale: [], remove: [] }],
  ];
  it.each(table)('%s', (_name, active, revisions, expected) => {
    expect(
      rollover(
        'new',
        active,
        revisions.map(([name, replicas, ready]) => ({ name, replicas, ready })),
      ),
    ).toEqual(expected);
  });
});
