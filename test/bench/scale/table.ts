import type { Row } from './outcome.ts';

/** The table: names, bars and figures in columns, and whether each bar is met. */
export function table(rows: readonly Row[]): string {
  const wide = (of: (row: Row) => string): number => Math.max(...rows.map((row) => of(row).length));
  const [name, bar] = [
    wide((row) => row.name),
    Math.max(
      3,
      wide((row) => row.bar),
    ),
  ];
  const verdict = ({ met }: Row): string => (met === undefined ? '' : met ? 'met' : 'MISSED');
  const line = (first: string, ...rest: [string, string, string]): string =>
    `${first.padEnd(name)}  ${rest[0].padEnd(6)}  ${rest[1].padEnd(bar)}  ${rest[2]}`.trimEnd();
  return [line('', '', 'bar', 'figure'), ...rows.map((row) => line(row.name, verdict(row), row.bar, row.figure))].join('\n');
}
