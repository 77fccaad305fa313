import { expect, it } from 'vitest';
import { DELETION_COST } from '../../common/api/names.ts';
import type { Pod } from '../function/objects.ts';
import { deletionCosts } from './scale-down.ts';

const pod = (name: string, cost?: string, over: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...(cost !== undefined && { annotations: { [DELETION_COST]: cost } }), ...over },
});

it('a pod costs as many as it has requests, and only what has changed is written', () => {
  const loads = new Map([
    ['busy', 3],
    ['still-busy', 2],
    ['ending', 9],
  ]);
  const pods = [
    pod('idle'),
    pod('busy'),
    pod('still-busy', '2'),
    pod('was-busy', '5'),
    pod('ending', undefined, { deletionTimestamp: '2026-11-24T00:00:00Z' }),
  ];
  expect(deletionCosts(pods, loads)).toEqual([
    { pod: 'busy', cost: 3 },
    { pod: 'was-busy', cost: 0 },
  ]);
});
