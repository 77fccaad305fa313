import { describe, expect, it } from 'vitest';
import type { LullRuntime } from '../../common/api/runtime.ts';
import { ARCHIVE, greet, RUNTIME } from './testing.ts';
import { unbuilt } from './unbuilt.ts';

const { build: _, ...spec } = RUNTIME.spec;
const JAVA: LullRuntime = { ...RUNTIME, metadata: { name: 'java17' }, spec };
const inline = (files: Record<string, string>) => ({ code: { inline: { 'app.py': '', ...files } } });
const ASKING = { 'requirements.txt': '# ours\nsix==1.17.0\n' };

describe('packages that a Runtime does not install', () => {
  it.each([
    ['requirements.txt', ASKING],
    ['package.json', { 'package.json': '{"dependencies":{"ms":"2"}}' }],
  ])('are told, with what would help: %s', (file, files) => {
    expect(unbuilt(greet(inline(files)), JAVA)).toMatch(
      new RegExp(`has a ${file}, and the Runtime java17 does not say how .*remove ${file}`),
    );
  });

  it.each([
    ['the Runtime installs them', greet(inline(ASKING)), RUNTIME],
    ['there is no such Runtime', greet(inline(ASKING)), undefined],
    ['layers may bring them', greet({ ...inline(ASKING), layers: [{ archive: ARCHIVE }] }), JAVA],
    ['it names none', greet(inline({ 'requirements.txt': '\n# none\n', 'package.json': '{"type":"module","dependencies":{}}' })), JAVA],
    ['it is no JSON', greet(inline({ 'package.json': '{' })), JAVA],
    ['it is null', greet(inline({ 'package.json': '{"dependencies":null}' })), JAVA],
    ['nothing is known of the source', greet({ code: { archive: ARCHIVE } }), JAVA],
  ])('are none when %s', (_what, fn, runtime) => {
    expect(unbuilt(fn, runtime)).toBeUndefined();
  });
});
