import { linear, type Scale, ticks } from './axis.ts';
import type { Chart, Series, Span } from './chart.ts';
import { BAND, COLOURS, FAINT, GRID, INK } from './style.ts';
import { element, rounded, text } from './svg.ts';

/** Where a panel lies on the page, title and axes included. */
export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Leave out the labels of the x axis: the panel below has them. */
  bare?: boolean;
}

const LEFT = 52;
const RIGHT = 12;
const TOP = 46;
const BOTTOM = 38;
const BARE_BOTTOM = 16;
const ROW_LABELS = 92;
/** About the width of a character of 11 px, in pixels: nothing here can measure words. */
const CHARACTER = 6.2;
/** Words remain legible on lines. */
const HALO = { 'paint-order': 'stroke', stroke: '#fff', 'stroke-width': 3, 'stroke-linejoin': 'round' };

interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: Scale;
  y: Scale;
}

/** One chart, drawn into its place. */
export function panel(chart: Chart, place: Place, id: string): string {
  const frame = frameOf(chart, place);
  const { left, right, top, bottom } = frame;
  const clip = element('clipPath', { id }, element('rect', { x: left, y: top - 1, width: right - left, height: bottom - top + 2 }));
  return element(
    'g',
    {},
    clip,
    text({ x: place.x, y: place.y + 14, 'font-size': 14, 'font-weight': 600, fill: INK }, chart.title),
    bands(chart, frame),
    chart.rows ? rowLabels(chart.rows, place, frame) : yAxis(chart, frame),
    xAxis(chart, place, frame),
    element(
      'g',
      { 'clip-path': `url(#${id})` },
      ...chart.series.map((series) => curve(series, frame)),
      ...(chart.spans ?? []).map((span) => bar(span, frame)),
    ),
    marks(chart, frame),
    legend(chart.series, place),
  );
}

function frameOf(chart: Chart, { x, y, width, height, bare }: Place): Frame {
  const left = x + (chart.rows ? ROW_LABELS : LEFT);
  const right = x + width - RIGHT;
  const top = y + TOP;
  const bottom = y + height - (bare ? BARE_BOTTOM : BOTTOM);
  const xs = [...chart.series.flatMap(({ points }) => points.map(([at]) => at)), ...(chart.spans ?? []).map(({ to }) => to)];
  const ys = chart.series.flatMap(({ points }) => points.map(([, value]) => value));
  // Words stand above what is drawn.
  const words = (chart.marks?.length ?? 0) + (chart.bands?.length ?? 0) > 0;
  const yMax = chart.rows?.length ?? chart.yMax ?? Math.max(1, ...ys) * (words ? 1.3 : 1.06);
  const down: readonly [number, number] = chart.rows ? [top, bottom] : [bottom, top];
  return { left, right, top, bottom, x: linear([0, chart.xMax ?? Math.max(...xs)], [left, right]), y: linear([0, yMax], down) };
}

function bands({ bands: all = [] }: Chart, { x, top, bottom }: Frame): string {
  return all
    .map(({ from, to, label }) =>
      element(
        'g',
        {},
        element('rect', { x: x(from), y: top, width: x(to) - x(from), height: bottom - top, fill: BAND }),
        text({ x: x(from) + 5, y: top + 12, 'font-size': 10.5, fill: FAINT }, label),
      ),
    )
    .join('');
}

function yAxis(chart: Chart, { left, right, top, bottom, y }: Frame): string {
  const highest = (top - bottom) / (y(1) - y(0));
  const lines = ticks(highest, 6).map((value) =>
    [
      element('line', { x1: left, x2: right, y1: y(value), y2: y(value), stroke: value === 0 ? FAINT : GRID, 'stroke-width': 1 }),
      text({ x: left - 7, y: y(value) + 3.5, 'font-size': 11, fill: FAINT, 'text-anchor': 'end' }, String(value)),
    ].join(''),
  );
  const caption = text({ x: left, y: top - 9, 'font-size': 11, fill: FAINT }, chart.y);
  return [...lines, caption].join('');
}

function rowLabels(rows: readonly string[], place: Place, { left, right, bottom, y }: Frame): string {
  const labels = rows.map((name, row) => text({ x: place.x, y: y(row + 0.5) + 4, 'font-size': 11, fill: FAINT }, name));
  return [...labels, element('line', { x1: left, x2: right, y1: bottom, y2: bottom, stroke: FAINT })].join('');
}

function xAxis(chart: Chart, { bare }: Place, { left, right, bottom, x }: Frame): string {
  if (bare) return '';
  const furthest = (right - left) / (x(1) - x(0));
  const labels = ticks(furthest, right - left > 700 ? 12 : 8).map((value) =>
    text({ x: x(value), y: bottom + 16, 'font-size': 11, fill: FAINT, 'text-anchor': 'middle' }, String(value)),
  );
  const caption = text({ x: right, y: bottom + 31, 'font-size': 11, fill: FAINT, 'text-anchor': 'end' }, chart.x ?? 'seconds');
  return [...labels, caption].join('');
}

function curve({ tone, shape, points }: Series, frame: Frame): string {
  if (points.length === 0) return '';
  const stroke = COLOURS[tone];
  const path = shape === 'line' ? straight(points, frame) : stepped(points, frame);
  if (shape === 'area') {
    const closed = `${path}V${rounded(frame.y(0))}H${rounded(frame.x(points[0]?.[0] ?? 0))}Z`;
    const edge = element('path', { d: path, fill: 'none', stroke, 'stroke-width': 1.2 });
    return element('path', { d: closed, fill: stroke, 'fill-opacity': 0.2 }) + edge;
  }
  return element('path', {
    d: path,
    fill: 'none',
    stroke,
    'stroke-width': shape === 'dashed' ? 1.2 : 1.8,
    'stroke-linejoin': 'round',
    'stroke-dasharray': shape === 'dashed' ? '5 4' : undefined,
  });
}

function straight(points: Series['points'], { x, y }: Frame): string {
  return points.map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${rounded(x(at))} ${rounded(y(value))}`).join('');
}

function stepped(points: Series['points'], { x, y }: Frame): string {
  return points
    .map(([at, value], i) => (i === 0 ? `M${rounded(x(at))} ${rounded(y(value))}` : `H${rounded(x(at))}V${rounded(y(value))}`))
    .join('');
}

function bar({ row, from, to, tone, label }: Span, { x, y }: Frame): string {
  const height = (y(row + 1) - y(row)) * 0.62;
  const top = y(row + 0.5) - height / 2;
  const fill = COLOURS[tone];
  const shape = element('rect', {
    x: x(from),
    y: top,
    width: Math.max(1, x(to) - x(from)),
    height,
    rx: 3,
    fill,
    'fill-opacity': tone === 'ready' ? 0.3 : 0.85,
  });
  return label === undefined
    ? shape
    : shape + text({ x: x(from) + 6, y: top + height / 2 + 4, 'font-size': 10.5, fill: tone === 'ready' ? INK : '#fff' }, label);
}

function marks({ marks: all = [], rows }: Chart, { x, top, bottom, right }: Frame): string {
  // Where each line of words ends so far: words that would run into others stand a line lower.
  const ends: number[] = [];
  return all
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, label }) => {
      const width = label.length * CHARACTER + 8;
      // Near the right end the words go to the left of the line; in a chart of spans above it.
      const flipped = x(at) + width > right;
      const begin = flipped ? x(at) - width : x(at);
      const free = ends.findIndex((end) => end <= begin);
      const line = free < 0 ? ends.length : free;
      ends[line] = begin + width;
      const place = { x: x(at) + (flipped ? -4 : 4), y: rows ? top - 6 : top + 12 + line * 13, 'text-anchor': flipped ? 'end' : 'start' };
      const y1 = rows ? top - 14 : top;
      const stroke = { x1: x(at), x2: x(at), y1, y2: bottom, stroke: INK, 'stroke-width': 0.8, 'stroke-dasharray': '2 3' };
      return element('line', stroke) + text({ ...place, 'font-size': 10.5, fill: INK, ...HALO }, label);
    })
    .join('');
}

/** Swatches with their words in one row below the title, ending at the right. */
function legend(series: readonly Series[], { x, y, width }: Place): string {
  const wide = ({ label }: Series): number => 22 + label.length * CHARACTER + 14;
  let at = x + width - RIGHT + 14 - series.reduce((sum, one) => sum + wide(one), 0);
  const middle = y + TOP - 13;
  return series
    .map((one) => {
      const { label, tone, shape } = one;
      const area = shape === 'area';
      const stroke = { stroke: COLOURS[tone], 'stroke-width': area ? 8 : 2.2, 'stroke-opacity': area ? 0.3 : 1 };
      const dashes = shape === 'dashed' ? '4 3' : undefined;
      const swatch = element('line', { x1: at, x2: at + 16, y1: middle, y2: middle, ...stroke, 'stroke-dasharray': dashes });
      const words = text({ x: at + 22, y: middle + 4, 'font-size': 11, fill: INK }, label);
      at += wide(one);
      return swatch + words;
    })
    .join('');
}
