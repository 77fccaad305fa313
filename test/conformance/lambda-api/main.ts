/** `make conformance-lambda-api`: AWS's clients run the table against the cluster, and the results go to docs/reference/lambda-api.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoDir } from '../../cluster/paths.ts';
import { CASES } from './cases.ts';
import { report } from './report.ts';
import { clients, prepare, run, tidy } from './run.ts';

const file = join(repoDir, 'docs/reference/lambda-api.md');
const MARK = '<!-- The table: make conformance-lambda-api -->';

try {
  const keys = await prepare();
  const results = [];
  for (const client of await clients()) {
    const result = await run(client, keys);
    results.push(result);
    for (const [i, wrong] of result.wrong.entries())
      if (wrong.length > 0) console.log(`${result.client}: ${CASES[i]?.name}: ${wrong.join('; ')}`);
  }
  const table = report(CASES, results);
  console.log(table);
  const [before = ''] = readFileSync(file, 'utf8').split(MARK);
  writeFileSync(file, `${before}${MARK}\n\n${table}`);
  if (results.some(({ wrong }) => wrong.some((one) => one.length > 0))) process.exitCode = 1;
} finally {
  await tidy();
}
