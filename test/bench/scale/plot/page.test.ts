import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linear, ticks } from './axis.ts';
import type { Chart } from './chart.ts';
import { page } from './page.ts';
import { element } from './svg.ts';

describe('ticks', () => {
  it.each([
    [47, 5, [0, 10, 20, 30, 40]],
    [50, 5, [0, 10, 20, 30, 40, 50]],
    [1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [3.2, 5, [0, 1, 2, 3]],
    [300, 8, [0, 50, 100, 150, 200, 250, 300]],
    [0, 5, [0]],
  ])('of %d, at most %d: %j', (max, most, values) => expect(ticks(max, most)).toEqual(values));

  it('are never more than asked for, and never above the end', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), fc.integer({ min: 1, max: 12 }), (max, most) => {
        const values = ticks(max, most);
        expect(values.length).toBeLessThanOrEqual(most + 1);
        expect(values.at(-1)).toBeLessThanOrEqual(max * (1 + 1e-6));
      }),
    );
  });
});

it('linear maps ends to ends', () => {
  const y = linear([0, 10], [100, 0]);
  expect([y(0), y(5), y(10)]).toEqual([100, 50, 0]);
});

it('element escapes what it is given', () => {
  expect(element('g', { title: 'a "b" <c>', x: 1.26, none: undefined })).toBe('<g title="a &quot;b&quot; &lt;c&gt;" x="1.3"/>');
});

describe('page', () => {
  const chart: Chart = {
    title: 'Pods & demand',
    y: 'pods',
    series: [
      {
        label: 'asked for',
        tone: 'asked',
        shape: 'step',
        points: [
          [0, 0],
          [5, 2],
          [10, 2],
        ],
      },
      { label: 'nothing', tone: 'ready', shape: 'area', points: [] },
    ],
    bands: [{ from: 2, to: 4, label: 'away' }],
    marks: [{ at: 9, label: 'the end' }],
  };
  const svg = page([{ ...chart, wide: true }, chart], { title: 'T', subtitle: 'S' });

  it('has every panel with its title, axis, legend, band and mark', () => {
    for (const said of ['Pods &amp; demand', '>pods<', '>seconds<', '>asked for<', '>away<', '>the end<'])
      expect(svg.split(said)).toHaveLength(3);
  });

  it('draws a step as one', () => {
    // Holds its value until the next point: horizontal, then vertical.
    expect(svg).toMatch(/d="M[\d.]+ [\d.]+H[\d.]+V[\d.]+H[\d.]+V[\d.]+"/);
  });

  it('holds no number that is none', () => expect(svg).not.toMatch(/NaN|Infinity|undefined/));
});
