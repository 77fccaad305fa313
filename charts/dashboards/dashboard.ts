import { DATASOURCE, type Panel, type Row, toGrafana } from './panel.ts';

const COLUMNS = 24;
const WIDTH = 8;
const HEIGHT = { stat: 4, timeseries: 8, 'state-timeline': 8 } as const;

export interface Variable {
  name: string;
  label: string;
  /** A label_values(…) of Grafana's Prometheus data source. */
  query: string;
}

export interface Dashboard {
  title: string;
  description: string;
  variables: readonly Variable[];
  rows: readonly Row[];
}

/** A dashboard as Grafana imports it. It has no uid, and its data source is a variable: whoever imports it has their own. */
export function dashboardJson({ title, description, variables, rows }: Dashboard): Record<string, unknown> {
  return {
    title,
    description,
    tags: ['lull'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    time: { from: 'now-30m', to: 'now' },
    refresh: '10s',
    templating: { list: [datasourceVariable(), ...variables.map(queryVariable)] },
    panels: layOut(rows),
  };
}

function datasourceVariable(): Record<string, unknown> {
  return { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', refresh: 1 };
}

function queryVariable({ name, label, query }: Variable): Record<string, unknown> {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.+',
    current: { text: ['All'], value: ['$__all'] },
  };
}

/** Rows one below the other; in a row, panels from left to right, as many as fit. */
function layOut(rows: readonly Row[]): Record<string, unknown>[] {
  const panels: Record<string, unknown>[] = [];
  let y = 0;
  for (const { title, panels: own } of rows) {
    panels.push({ id: panels.length + 1, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: [] });
    y += 1;
    for (const line of lines(own)) {
      const h = Math.max(...line.map(({ kind = 'timeseries' }) => HEIGHT[kind]));
      let x = 0;
      for (const panel of line) {
        const w = panel.width ?? WIDTH;
        panels.push(toGrafana(panel, panels.length + 1, { x, y, w, h }));
        x += w;
      }
      y += h;
    }
  }
  return panels;
}

function lines(panels: readonly Panel[]): Panel[][] {
  const result: Panel[][] = [];
  let left = 0;
  for (const panel of panels) {
    const width = panel.width ?? WIDTH;
    const line = result.at(-1);
    if (line && width <= left) line.push(panel);
    else {
      result.push([panel]);
      left = COLUMNS;
    }
    left -= width;
  }
  return result;
}
