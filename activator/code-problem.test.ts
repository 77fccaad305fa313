import { describe, expect, it } from 'vitest';
import type { FunctionStatus } from '../common/api/function-status.ts';
import { codeProblem } from './code-problem.ts';
import { fnObject } from './testing/rig.ts';

const condition = (status: 'True' | 'False' | 'Unknown') => ({
  type: 'CodeReady',
  status,
  reason: 'DigestMismatch',
  message: 'm',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

function problemOf(status: FunctionStatus | undefined): string | undefined {
  const { status: _, metadata, ...rest } = fnObject('f');
  return codeProblem({ ...rest, metadata: { ...metadata, generation: 2 }, ...(status && { status }) });
}

describe('a function’s code', () => {
  it('is missing when fetching it has failed and nothing else serves', () => {
    expect(problemOf({ observedGeneration: 2, conditions: [condition('False')] })).toBe('DigestMismatch');
  });

  it('is missing when what serves is lost', () => {
    const lost = { ...condition('False'), reason: 'CodeLost' };
    expect(problemOf({ observedGeneration: 2, conditions: [lost], activeRevision: 'f-1' })).toBe('CodeLost');
  });

  it.each<[string, FunctionStatus | undefined]>([
    ['nothing is known yet', undefined],
    ['it is fetched for the first time', { observedGeneration: 2, conditions: [condition('Unknown')] }],
    ['nothing has to be fetched', { observedGeneration: 2, conditions: [] }],
    ['the spec has changed since', { observedGeneration: 1, conditions: [condition('False')] }],
    ['an older revision serves', { observedGeneration: 2, conditions: [condition('False')], activeRevision: 'f-1' }],
  ])('is not when %s', (_, status) => {
    expect(problemOf(status)).toBeUndefined();
  });
});
