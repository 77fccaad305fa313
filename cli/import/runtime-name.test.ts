import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chooseRuntime, familyOf, OFFERED, type RuntimeChoice } from './runtime-name.ts';

describe('chooseRuntime', () => {
  it('offers what the chart brings', () => {
    const chart = readFileSync(path.resolve(import.meta.dirname, '../../charts/lull/templates/runtimes.yaml'), 'utf8');
    const [, list = ''] = /define "lull.runtimes" -}}\n([\s\S]*?)\{\{- end/.exec(chart) ?? [];
    const names = Object.keys(parse(list) as object);
    expect(names.length).toBeGreaterThan(0);
    expect([...OFFERED].sort()).toEqual(names.sort());
  });

  const renamed = new Map([
    ['python3.9', 'python3.11'],
    ['go1.x', 'Go!'],
  ]);
  it.each<[string, Partial<RuntimeChoice>]>([
    ['python3.11', { name: 'python3.11', level: 'none' }],
    ['nodejs24.x', { name: 'nodejs24.x', level: 'none' }],
    ['python3.9', { name: 'python3.11', level: 'changed' }],
    ['provided.al2023', { name: 'provided.al2023', level: 'none' }],
    ['python3.12', { name: 'python3.12', level: 'lost', text: expect.stringContaining('--runtime-map python3.12=python3.13') as string }],
    ['python3.14', { name: 'python3.14', level: 'lost', text: expect.stringContaining('--runtime-map python3.14=python3.13') as string }],
    ['nodejs18.x', { name: 'nodejs18.x', level: 'lost', text: expect.stringContaining('--runtime-map nodejs18.x=nodejs20.x') as string }],
    ['provided.al2', { name: 'provided.al2', level: 'lost', text: expect.stringContaining('provided.al2=provided.al2023') as string }],
    ['java11', { name: 'java11', level: 'lost', text: expect.stringContaining('--runtime-map java11=java17') as string }],
    ['java21', { name: 'java21', level: 'lost', text: expect.stringContaining('an image with an HTTP server') as string }],
    ['go1.x', { name: undefined, level: 'lost' }],
    ['Python 3', { name: undefined, level: 'lost' }],
    ['', { name: undefined, level: 'lost' }],
  ])('%s', (aws, wanted) => expect(chooseRuntime(aws, renamed)).toMatchObject(wanted));

  it('tells the language by the letters', () => {
    expect(['python3.11', 'nodejs24.x', 'provided.al2023', undefined].map(familyOf)).toEqual(['python', 'nodejs', 'provided', '']);
  });
});
