import type { Case } from './cases.ts';

/** What a client made of each case: what was wrong, nothing when it was right. */
export interface ClientResult {
  client: string;
  wrong: readonly (readonly string[])[];
}

/** The table with its results, for docs/reference. */
export function report(cases: readonly Case[], results: readonly ClientResult[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = [
    row(['', 'case', 'operation', 'what AWS’s clients must see', ...results.map(({ client }) => client)]),
    row(['--:', '---', '---', '---', ...results.map(() => '---')]),
    ...cases.map((one, i) =>
      row([
        String(i + 1),
        one.name,
        one.operation,
        expectation(one),
        ...results.map(({ wrong }) => (wrong[i]?.length === 0 ? 'yes' : '**no**')),
      ]),
    ),
  ];
  const right = results.map(({ client, wrong }) => `${client}: ${wrong.filter((one) => one.length === 0).length} of ${cases.length}`);
  return `${lines.join('\n')}\n\n${right.join('; ')}.\n`;
}

function expectation({ expect, key, skewSeconds }: Case): string {
  const said = expect.error ?? (expect.functionError === undefined ? '' : `FunctionError ${expect.functionError}`);
  const by = key === undefined || key === 'all' ? '' : `, key “${key}”`;
  const clock = skewSeconds === undefined ? '' : `, clock ${skewSeconds > 0 ? '+' : ''}${skewSeconds} s`;
  return `${expect.status}${said === '' ? '' : ` ${said}`}${by}${clock}`;
}
