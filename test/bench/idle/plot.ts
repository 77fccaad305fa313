/** One policy at several settings, from the one with the fewest idle pod-seconds on. */
export interface Series {
  name: string;
  colour: string;
  points: Point[];
  /** To the right above its dots, or to the left below them. */
  labels: 'above' | 'below';
}

export interface Point {
  label: string;
  idleSeconds: number;
  cold: number;
}

export interface PlotOptions {
  title: string;
  subtitle: string;
  series: Series[];
  /** From one point to another: what the change of the policy is. */
  arrow?: { from: Point; to: Point; label: string };
}

const WIDTH = 960;
const HEIGHT = 620;
const FRAME = { left: 84, right: 40, top: 104, bottom: 68 };
const INK = '#1f2933';
const FAINT = '#7b8794';
const GRID = '#e4e7eb';
const HALO = 'stroke="#ffffff" stroke-width="3" paint-order="stroke"';

/** Cold starts over idle pod-seconds, both by powers of ten: nearer to the lower left corner is better. */
export function plot({ title, subtitle, series, arrow }: PlotOptions): string {
  const points = series.flatMap((one) => one.points);
  const x = axis(
    points.map(({ idleSeconds }) => idleSeconds),
    FRAME.left,
    WIDTH - FRAME.right,
  );
  const y = axis(
    points.map(({ cold }) => Math.max(1, cold)),
    HEIGHT - FRAME.bottom,
    FRAME.top,
  );
  const at = ({ idleSeconds, cold }: Point): [number, number] => [x.place(idleSeconds), y.place(Math.max(1, cold))];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(FRAME.left, 34, title, `font-size="19" font-weight="600" fill="${INK}"`),
    text(FRAME.left, 55, subtitle, `fill="${FAINT}"`),
    ...legend(series),
    ...x.ticks.flatMap((tick) => [
      line(x.place(tick), FRAME.top, x.place(tick), HEIGHT - FRAME.bottom, GRID),
      text(x.place(tick), HEIGHT - FRAME.bottom + 20, short(tick), `fill="${FAINT}" text-anchor="middle"`),
    ]),
    ...y.ticks.flatMap((tick) => [
      line(FRAME.left, y.place(tick), WIDTH - FRAME.right, y.place(tick), GRID),
      text(FRAME.left - 10, y.place(tick) + 4, short(tick), `fill="${FAINT}" text-anchor="end"`),
    ]),
    text((FRAME.left + WIDTH - FRAME.right) / 2, HEIGHT - 20, 'idle pod-seconds', `fill="${INK}" text-anchor="middle"`),
    `<text transform="translate(24 ${(FRAME.top + HEIGHT - FRAME.bottom) / 2}) rotate(-90)" fill="${INK}" text-anchor="middle">cold starts</text>`,
    ...series.map((one) => curve(one, at)),
    ...series.flatMap((one) => dots(one, at)),
    ...(arrow ? [pointer(at(arrow.from), at(arrow.to), arrow.label)] : []),
    '</svg>',
  ].join('\n')}\n`;
}

/** A logarithmic axis over the values, with some room at both ends, and a tick at each 1, 2 and 5 of a power of ten (1, 1.5, 2, 3, 5 and 7 if there is but one). */
function axis(values: readonly number[], from: number, to: number): { place: (value: number) => number; ticks: number[] } {
  const low = Math.log10(Math.min(...values)) - 0.06;
  const high = Math.log10(Math.max(...values)) + 0.06;
  const steps = high - low > 1.3 ? [1, 2, 5] : [1, 1.5, 2, 3, 5, 7];
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= high; power += 1)
    for (const step of steps) {
      const tick = step * 10 ** power;
      if (Math.log10(tick) >= low && Math.log10(tick) <= high) ticks.push(tick);
    }
  return { place: (value) => round(from + ((Math.log10(value) - low) / Math.max(0.01, high - low)) * (to - from)), ticks };
}

function curve({ colour, points }: Series, at: (point: Point) => [number, number]): string {
  const path = points.map((point) => at(point).join(',')).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round" stroke-opacity="0.55"/>`;
}

/** Dots and labels, over all lines; a light edge keeps a label readable where a line passes. */
function dots({ colour, points, labels }: Series, at: (point: Point) => [number, number]): string[] {
  const [dx, dy, anchor] = labels === 'above' ? [8, -7, 'start'] : [-8, 15, 'end'];
  return points.flatMap((point) => {
    const [px, py] = at(point);
    return [
      `<circle cx="${px}" cy="${py}" r="4.5" fill="${colour}" stroke="#ffffff" stroke-width="1.5"/>`,
      text(px + dx, py + dy, point.label, `font-size="11" fill="${colour}" text-anchor="${anchor}" ${HALO}`),
    ];
  });
}

function legend(series: readonly Series[]): string[] {
  let left = FRAME.left;
  return series.flatMap(({ name, colour }) => {
    const here = left;
    // 6.2 px a character at 12 px, and room for the dot.
    left += 34 + name.length * 6.2;
    return [`<circle cx="${here + 5}" cy="78" r="4.5" fill="${colour}"/>`, text(here + 16, 82, name, `fill="${INK}"`)];
  });
}

function pointer([fromX, fromY]: [number, number], [toX, toY]: [number, number], label: string): string {
  const length = Math.hypot(toX - fromX, toY - fromY) || 1;
  const [ux, uy] = [(toX - fromX) / length, (toY - fromY) / length];
  const [beginX, beginY, endX, endY] = [fromX + ux * 8, fromY + uy * 8, toX - ux * 9, toY - uy * 9].map(round) as [
    number,
    number,
    number,
    number,
  ];
  const head = [
    [endX, endY],
    [endX - ux * 9 - uy * 4.5, endY - uy * 9 + ux * 4.5],
    [endX - ux * 9 + uy * 4.5, endY - uy * 9 - ux * 4.5],
  ].map(([px, py]) => `${round(px as number)},${round(py as number)}`);
  return [
    line(beginX, beginY, endX, endY, INK, 'stroke-width="1.5" stroke-dasharray="4 3"'),
    `<polygon points="${head.join(' ')}" fill="${INK}"/>`,
    text(round((fromX + toX) / 2) + 12, round((fromY + toY) / 2) + 4, label, `fill="${INK}" font-weight="600" ${HALO}`),
  ].join('\n');
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, more = ''): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}" ${more}/>`;
}

function text(x: number, y: number, words: string, attributes: string): string {
  const escaped = words.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Example: 20000000 → 20 M; 5000 → 5 k. */
function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1e3 ? `${value / 1e3} k` : String(value);
}
