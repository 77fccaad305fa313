import { createHash } from 'node:crypto';
import type { LullFunction } from '../api/function.ts';
import { DESCRIPTION_ANNOTATION } from './annotations.ts';

/**
 * AWS's RevisionId: another one whenever the function's code or configuration is another. Not the resourceVersion, which changes with every decision of the
 * autoscaler that is written into the status: a client that reads, thinks for a second and writes would always be late.
 */
export function revisionId({ metadata }: LullFunction): string {
  const what = [metadata.uid ?? '', metadata.generation ?? 0, metadata.annotations?.[DESCRIPTION_ANNOTATION] ?? ''];
  const hex = createHash('sha256').update(JSON.stringify(what)).digest('hex');
  return [8, 4, 4, 4, 12].map((length, i, all) => hex.slice(sum(all.slice(0, i)), sum(all.slice(0, i)) + length)).join('-');
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
