import type { Case } from './cases.ts';
import { clientOf } from './languages.ts';

/** The table as it stands in docs/guides/languages.md, a row for each handler and what it shows. */
export function table(cases: readonly Case[], passed: ReadonlySet<Case>): string {
  const rows = cases.map((one) => [one.handler, one.language, clientOf(one.language), one.shows, passed.has(one) ? 'yes' : 'NO']);
  return [['handler', 'language', 'client', 'what it shows', 'passed'], Array<string>(5).fill('---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}
