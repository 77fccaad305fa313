import { describe, expect, it } from 'vitest';
import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import { sourcesOf } from './source.ts';
import { ARCHIVE, greet, RUNTIME } from './testing.ts';

const version = (): string => '7';
const names = (spec: Partial<FunctionSpec>, runtime: LullRuntime | undefined = RUNTIME): string[] =>
  sourcesOf(greet(spec), runtime, version).map(({ name, build }) => (build ? `${name} built` : name));
const source = (fn: LullFunction, runtime: LullRuntime = RUNTIME, configMap = version): string | undefined =>
  sourcesOf(fn, runtime, configMap)[0]?.source;
const withoutBuild: LullRuntime = { ...RUNTIME, spec: { image: 'i', command: ['c'] } };

describe('sourcesOf', () => {
  it.each<[string, Partial<FunctionSpec>, string[]]>([
    ['inline code', {}, []],
    ['an image', { protocol: 'http', code: { image: 'you/web:1' } }, []],
    ['an image of a handler', { code: { image: 'you/app:1' } }, ['image']],
    ['an image whose command alone is known', { code: { image: 'you/app:1' }, imageConfig: { command: ['a.b'] } }, ['image']],
    ['an image of which all is known', { code: { image: 'you/app:1' }, imageConfig: { entryPoint: ['/main'], command: [] } }, []],
    ['inline code that asks for packages', { code: { inline: { 'app.py': '', 'requirements.txt': 'x' } } }, ['code built']],
    ['an archive', { code: { archive: ARCHIVE } }, ['code built']],
    ['a ConfigMap', { code: { configMap: { name: 'c' } } }, ['code built']],
    ['Git', { code: { git: { url: 'https://example.com/r.git' } } }, ['code built']],
    ['an artifact', { code: { oci: { image: 'r/a:1' } } }, ['code built']],
    ['layers, in order, as they are', { layers: [{ archive: ARCHIVE }, { oci: { image: 'r/a:1' } }] }, ['layer-0', 'layer-1']],
  ])('%s', (_what, spec, expected) => expect(names(spec)).toEqual(expected));

  it('builds nothing where the Runtime does not say how', () => {
    expect(names({ code: { inline: { 'package.json': '{}' } } }, withoutBuild)).toEqual([]);
    expect(names({ code: { archive: ARCHIVE } }, withoutBuild)).toEqual(['code']);
  });

  it('is the same for the same, whatever the order of fields', () => {
    const one = greet({ code: { archive: { url: ARCHIVE.url, sha256: ARCHIVE.sha256 } } });
    const other = greet({ code: { archive: { sha256: ARCHIVE.sha256, url: ARCHIVE.url } } });
    expect(source(one)).toBe(source(other));
    expect(source(one)).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each<[string, LullFunction, LullRuntime, () => string]>([
    ['the source', greet({ code: { archive: { ...ARCHIVE, sha256: 'b'.repeat(64) } } }), RUNTIME, version],
    [
      'how it is built',
      greet({ code: { archive: ARCHIVE } }),
      { ...RUNTIME, spec: { ...RUNTIME.spec, build: { image: 'i', command: ['c'] } } },
      version,
    ],
    ['the annotation', greet({ code: { archive: ARCHIVE } }, { annotations: { 'lull.dev/refresh': '2' } }), RUNTIME, version],
  ])('is another when %s changes', (_what, fn, runtime, configMap) => {
    expect(source(fn, runtime, configMap)).not.toBe(source(greet({ code: { archive: ARCHIVE } })));
  });

  it('is another when the ConfigMap changes, and only then', () => {
    const fn = greet({ code: { configMap: { name: 'c' } } });
    expect(source(fn, RUNTIME, () => '8')).not.toBe(source(fn));
    const archive = greet({ code: { archive: ARCHIVE } });
    expect(source(archive, RUNTIME, () => '8')).toBe(source(archive));
  });

  it('goes by the Runtime as far as it builds only: another image of it fetches nothing anew', () => {
    const fn = greet({ code: { archive: ARCHIVE } });
    expect(source(fn, { ...RUNTIME, spec: { ...RUNTIME.spec, image: 'lull/python:2' } })).toBe(source(fn));
  });
});
