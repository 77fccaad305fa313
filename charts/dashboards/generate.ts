/** Writes the dashboards that the chart carries. `make dashboards` runs it; `make verify` fails when the result differs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dashboardJson } from './dashboard.ts';
import { lull } from './lull.ts';

const folder = path.resolve(import.meta.dirname, '../lull/files/dashboards');
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, 'lull.json'), `${JSON.stringify(dashboardJson(lull), null, 2)}\n`);
