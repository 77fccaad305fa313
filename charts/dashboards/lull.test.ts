import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { dashboardJson } from './dashboard.ts';
import { lull } from './lull.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const json = dashboardJson(lull);
const panels = lull.rows.flatMap((row) => row.panels);
const expressions = panels.flatMap(({ title, queries }) => queries.map(({ expr }) => ({ title, expr })));

/** Grafana's own variables, as Prometheus would get them. */
const filledIn = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '1m').replaceAll('$namespace', '.+').replaceAll('$function', 'f|g');

const metricsIn = (text: string): string[] =>
  [...new Set(text.match(/\blull_[a-z_]+/g))].map((name) => name.replace(/_(bucket|sum|count)$/, ''));

describe('the dashboard', () => {
  it('asks nothing that Prometheus cannot parse', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lull-dashboard-'));
    try {
      const file = path.join(folder, 'rules.yaml');
      const rules = expressions.map(({ title, expr }, i) => ({ record: `dashboard:panel:${i}`, expr: filledIn(expr), labels: { title } }));
      writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
      const said = execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8', stdio: 'pipe' });
      expect(said).toContain(`${expressions.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('leaves no variable for Prometheus to stumble over', () => {
    for (const { expr } of expressions) expect(filledIn(expr)).not.toContain('$');
  });

  it('names the data source by its variable alone, and has no uid', () => {
    expect(json).not.toHaveProperty('uid');
    const uids = [...JSON.stringify(json).matchAll(/"uid":"([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(uids)).toEqual(new Set(['$datasource']));
  });

  it('explains every panel', () => {
    for (const { title, description } of panels) expect(description.length, title).toBeGreaterThan(20);
    expect(new Set(panels.map(({ title, unit }) => `${title} ${unit}`)).size).toBeGreaterThan(20);
  });

  it('lays panels out side by side, none over another', () => {
    const taken = new Map<string, unknown>();
    const placed = json['panels'] as { title: string; id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
    expect(new Set(placed.map(({ id }) => id)).size).toBe(placed.length);
    for (const { title, gridPos } of placed) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.get(`${x} ${y}`), `${title} at ${x} ${y}`).toBeUndefined();
          taken.set(`${x} ${y}`, title);
        }
      }
    }
  });
});

describe('what the documents say', () => {
  const reference = readFileSync(path.join(ROOT, 'docs/reference/metrics.md'), 'utf8');
  const operations = readFileSync(path.join(ROOT, 'docs/guides/operations.md'), 'utf8');
  const source = readFileSync(path.join(ROOT, 'charts/lull/files/rules/lull.rules.yaml'), 'utf8');
  const { groups } = parse(source) as { groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[] };
  const alerts = groups.flatMap(({ rules }) => rules);

  it('docs/reference/metrics.md has every metric that the dashboard and the alerts ask for', () => {
    const documented = new Set(metricsIn(reference));
    const asked = metricsIn([...expressions, ...alerts].map(({ expr }) => expr).join('\n'));
    expect(asked.length).toBeGreaterThan(30);
    expect(asked.filter((name) => !documented.has(name))).toEqual([]);
  });

  it('docs/guides/operations.md has a heading for every alert, where its runbook_url leads', () => {
    expect(alerts).toHaveLength(13);
    const anchors = [...operations.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]?.toLowerCase());
    for (const { alert, annotations } of alerts) {
      expect(annotations['runbook_url']).toBe(`RUNBOOKS#${alert.toLowerCase()}`);
      expect(anchors, alert).toContain(alert.toLowerCase());
      expect(Object.keys(annotations).sort()).toEqual(['description', 'runbook_url', 'summary']);
    }
  });
});
