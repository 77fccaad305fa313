import type { Chart } from './chart.ts';
import { panel } from './panel.ts';
import { FAINT, FONT, INK } from './style.ts';
import { element, text } from './svg.ts';

export interface Heading {
  title: string;
  /** Under the title: where and when it was measured. */
  subtitle: string;
}

const WIDTH = 1200;
const MARGIN = 36;
const HEADER = 94;
const WIDE_HEIGHT = 190;
const SMALL_HEIGHT = 232;
const GAP = 26;
const COLUMNS = 2;

/** All charts on one page, as an SVG document: the wide ones on one another, the others in two columns below. */
export function page(charts: readonly Chart[], { title, subtitle }: Heading): string {
  const wide = charts.filter((chart) => chart.wide);
  const small = charts.filter((chart) => !chart.wide);
  const inner = WIDTH - 2 * MARGIN;
  const column = (inner - GAP) / COLUMNS;
  const below = HEADER + wide.length * WIDE_HEIGHT + (wide.length > 0 ? GAP + 32 : 0);
  const height = below + Math.ceil(small.length / COLUMNS) * (SMALL_HEIGHT + GAP) + MARGIN - GAP;
  const panels = [
    ...wide.map((chart, i) => {
      const bare = i < wide.length - 1;
      return panel(
        chart,
        { x: MARGIN, y: HEADER + i * WIDE_HEIGHT, width: inner, height: WIDE_HEIGHT + (bare ? 0 : 30), bare },
        `wide${i}`,
      );
    }),
    ...small.map((chart, i) => {
      const x = MARGIN + (i % COLUMNS) * (column + GAP);
      const y = below + Math.floor(i / COLUMNS) * (SMALL_HEIGHT + GAP);
      return panel(chart, { x, y, width: column, height: SMALL_HEIGHT }, `small${i}`);
    }),
  ];
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, 'font-family': FONT, role: 'img' },
    `\n${element('title', {}, title)}`,
    `\n${element('rect', { width: WIDTH, height, fill: '#fff' })}`,
    `\n${text({ x: MARGIN, y: 46, 'font-size': 23, 'font-weight': 700, fill: INK }, title)}`,
    `\n${text({ x: MARGIN, y: 68, 'font-size': 12.5, fill: FAINT }, subtitle)}`,
    ...panels.map((one) => `\n${one}`),
    '\n',
  );
}
