import { describe, expect, it } from 'vitest';
import { desired } from '../function/desired.ts';
import { fetchJob } from './fetch-job.ts';
import { garbage } from './garbage.ts';
import { sourcesOf, type Wanted } from './source.ts';
import { greet, RUNTIME, SETTINGS } from './testing.ts';

const HOUR = 3_600_000;
const now = 100 * HOUR;
const digest = (letter: string): string => letter.repeat(64);
const blob = (letter: string, ageMillis: number) => ({ digest: digest(letter), bytes: 1, createdAt: now - ageMillis });

describe('garbage', () => {
  it('is what nothing refers to, and is older than an hour', () => {
    expect(garbage([blob('a', HOUR), blob('b', HOUR - 1)], [], [], [], now)).toEqual([digest('a')]);
  });

  it('is nothing that a status, a spec, a Deployment or a Job refers to', () => {
    const fetched = greet({}, {}, { code: [{ name: 'code', source: 's', digest: digest('a'), bytes: 1, unpackedBytes: 1 }] });
    const uploaded = greet({
      code: { archive: { url: `store:///${digest('b')}`, format: 'zip' } },
      layers: [{ archive: { url: `store:///${digest('c')}`, format: 'zip' } }],
    });
    const { deployment } = desired(greet({}), RUNTIME, SETTINGS, { bundles: [{ digest: digest('d'), target: '/opt', unpackedBytes: 1 }] });
    const wanted = sourcesOf(uploaded, RUNTIME, () => '')[0] as Wanted;
    const job = fetchJob(uploaded, wanted, { archive: { url: `store:///${digest('f')}`, format: 'tgz' } }, SETTINGS);
    const blobs = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => blob(letter, 2 * HOUR));
    expect(garbage(blobs, [fetched, uploaded], [deployment], [job], now)).toEqual([digest('e')]);
  });
});
