/** Prints "PASSED FAILED" of a vitest JSON report; a run that broke off, or ran nothing, is a failure. */
import { readFileSync } from 'node:fs';

const [report, exitCode] = process.argv.slice(2);
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
}
let counts: Report = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
try {
  counts = JSON.parse(readFileSync(report ?? '', 'utf8')) as Report;
} catch {
  // No report: counted below.
}
const broke = exitCode !== '0' && counts.numFailedTests === 0;
const empty = counts.numPassedTests === 0;
console.log(`${counts.numPassedTests} ${counts.numFailedTests + (broke || empty ? 1 : 0)}`);
