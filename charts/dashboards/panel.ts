/** One line, or one family of lines, of a panel. */
export interface Query {
  expr: string;
  /** What a line is called: {{label}} is filled in. */
  legend: string;
  /** Drawn dashed: a bound, not a measurement. */
  bound?: boolean;
}

/** A panel, in the words that its author needs; `toGrafana` knows the rest. */
export interface Panel {
  title: string;
  /** Shown at the panel's (i): what it is, and what it means when it looks wrong. */
  description: string;
  kind?: 'timeseries' | 'stat' | 'state-timeline';
  /** Grafana's name of a unit: s, reqps, short, percentunit, decbytes. */
  unit: string;
  /** Of 24 columns; 8 when left out. */
  width?: number;
  stacked?: boolean;
  /** Of a stat: from these values on it is yellow, and red. Descending ones: below them. */
  thresholds?: { yellow: number; red: number };
  /** Words for values, such as 1: yes. */
  words?: Readonly<Record<number, string>>;
  queries: readonly Query[];
}

export interface Row {
  title: string;
  panels: readonly Panel[];
}

export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

/** Where on the grid of 24 columns; in rows of 32 pixels. */
export interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** A panel as Grafana (10 and later) has it. */
export function toGrafana(panel: Panel, id: number, gridPos: Place): Record<string, unknown> {
  const { title, description, kind = 'timeseries', queries } = panel;
  return {
    id,
    type: kind,
    title,
    description,
    gridPos,
    datasource: DATASOURCE,
    targets: queries.map(({ expr, legend }, i) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + i),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...(kind === 'stat' && { instant: true }),
    })),
    fieldConfig: { defaults: defaults(panel, kind), overrides: overrides(panel) },
    options: OPTIONS[kind],
  };
}

const OPTIONS = {
  timeseries: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  stat: { colorMode: 'value', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'] }, textMode: 'auto' },
  'state-timeline': {
    showValue: 'never',
    mergeValues: true,
    legend: { displayMode: 'list', placement: 'bottom' },
    tooltip: { mode: 'single' },
  },
} as const;

function defaults({ unit, stacked = false, thresholds, words }: Panel, kind: keyof typeof OPTIONS): Record<string, unknown> {
  const mappings = words
    ? [{ type: 'value', options: Object.fromEntries(Object.entries(words).map(([value, text], index) => [value, { text, index }])) }]
    : [];
  const common = { unit, mappings, thresholds: { mode: 'absolute', steps: steps(thresholds) } };
  if (kind !== 'timeseries') return { ...common, color: { mode: 'thresholds' } };
  const stacking = { mode: stacked ? 'normal' : 'none', group: 'A' };
  return { ...common, min: 0, color: { mode: 'palette-classic' }, custom: { lineWidth: 1, fillOpacity: stacked ? 30 : 5, stacking } };
}

/** Example: { yellow: 1, red: 5 } → green, yellow from 1, red from 5; { yellow: 1, red: 0.5 } → red, yellow from 0.5, green from 1. */
function steps(thresholds: Panel['thresholds']): { color: string; value: number | null }[] {
  if (!thresholds) return [{ color: 'green', value: null }];
  const { yellow, red } = thresholds;
  if (red < yellow) {
    return [
      { color: 'red', value: null },
      { color: 'yellow', value: red },
      { color: 'green', value: yellow },
    ];
  }
  return [
    { color: 'green', value: null },
    { color: 'yellow', value: yellow },
    { color: 'red', value: red },
  ];
}

/** A bound is a dashed grey line that belongs to no stack. */
function overrides({ queries }: Panel): Record<string, unknown>[] {
  return queries.flatMap(({ bound }, i) => {
    if (!bound) return [];
    return [
      {
        matcher: { id: 'byFrameRefID', options: String.fromCharCode('A'.charCodeAt(0) + i) },
        properties: [
          { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
          { id: 'custom.fillOpacity', value: 0 },
          { id: 'custom.stacking', value: { mode: 'none', group: 'B' } },
        ],
      },
    ];
  });
}
