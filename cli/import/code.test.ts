import { describe, expect, it } from 'vitest';
import { readCode } from './code.ts';
import type { DescribedCode } from './description.ts';
import type { Folder, Listing } from './folder.ts';
import { Notes } from './notes.ts';

/** Files by path; a value of undefined is a file that cannot be read. */
function folderOf(files: Record<string, string | undefined>): Folder {
  const names = Object.keys(files);
  return {
    list(at): Listing {
      if (at.startsWith('..')) return { kind: 'outside' };
      if (names.includes(at)) return { kind: 'file' };
      const prefix = at === '.' ? '' : `${at.replace(/\/$/, '')}/`;
      const below = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
      if (below.length === 0) return { kind: 'missing' };
      const folders = new Set(below.filter((name) => name.includes('/')).map((name) => name.split('/')[0] ?? ''));
      return { kind: 'folder', files: below.filter((name) => !name.includes('/')), folders: [...folders] };
    },
    read: (at) => files[at],
  };
}

function read(
  files: Record<string, string | undefined>,
  handler: string,
  family: string,
  code: DescribedCode = { kind: 'folder', path: 'src/', line: 1 },
) {
  const notes = new Notes();
  return {
    ...readCode(code, handler, family, folderOf(files), notes.of('fn')),
    notes: notes.list().map(({ level, text }) => `${level}: ${text}`),
  };
}

describe('readCode', () => {
  it('takes source and data beside the handler, and nothing else', () => {
    const files = {
      ...{ 'src/app.py': 'a', 'src/util.py': 'b', 'src/data.json': '{}', 'src/.env': 'SECRET', 'src/README.md': '', 'src/key.pem': '' },
      ...{
        'src/requirements.txt': 'boto3\n# x\n',
        'src/test_app.py': '',
        'src/conftest.py': '',
        'src/x.js': '',
        'src/package.json': '{}',
        'src/tests/a.py': '',
      },
    };
    expect(read(files, 'app.main', 'python')).toEqual({
      handler: 'app.main',
      inline: { 'app.py': 'a', 'data.json': '{}', 'util.py': 'b' },
      notes: [],
    });
  });

  it('takes package.json for Node, which says what a .js file is', () => {
    const files = {
      'src/index.js': '',
      'src/package.json': '{"type": "module"}',
      'src/package-lock.json': '{}',
      'src/index.test.js': '',
      'src/node_modules/a/b.js': '',
    };
    expect(read(files, 'index.handler', 'nodejs')).toEqual({
      handler: 'index.handler',
      inline: { 'index.js': '', 'package.json': '{"type": "module"}' },
      notes: [],
    });
  });

  it('takes the folder of a handler that is in one', () => {
    expect(read({ 'src/api/app.js': '', 'src/lib/x.js': '' }, 'api/app.get', 'nodejs')).toEqual({
      handler: 'app.get',
      inline: { 'app.js': '' },
      notes: ['changed: its folder src/api becomes the root of the code: files that the code opens by a path are looked for there'],
    });
  });

  it.each<[string, Record<string, string | undefined>, string, string, RegExp]>([
    ['no folder', { 'other/app.py': '' }, 'app.main', 'python', /there is no folder src/],
    ['no module', { 'src/main.py': '' }, 'app.main', 'python', /src\/ has no app\.py/],
    ['TypeScript', { 'src/app.ts': '' }, 'app.main', 'nodejs', /app\.ts is TypeScript: build it \(esbuild src\/app\.ts --bundle/],
    [
      'too many files',
      Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`src/a${n}.py`, ''])),
      'a1.main',
      'python',
      /holds 51 files/,
    ],
    ['too much', { 'src/a.py': 'x'.repeat(300_000), 'src/b.py': 'x'.repeat(300_000) }, 'a.main', 'python', /more than the 512 KiB/],
    ['an unreadable module', { 'src/a.py': undefined }, 'a.main', 'python', /more than the 512 KiB|no text/],
    ['another language', { 'src/a.rb': '' }, 'a.main', 'ruby', /ruby from an image/],
    ['a language with an odd name', { 'src/a.rb': '' }, 'a.main', 'constructor', /constructor from an image/],
    ['no handler', { 'src/a.py': '' }, 'main', 'python', /"main" is not MODULE\.FUNCTION/],
  ])('%s: nothing is read, and a note says why', (_what, files, handler, family, says) => {
    const { inline, notes } = read(files, handler, family);
    expect(inline).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(says)]);
    expect(notes[0]).toMatch(/^lost: /);
  });

  it.each<[string, string, RegExp]>([
    ['an archive', 'src/app.zip', /src\/app\.zip is a file: unpack it/],
    ['a folder elsewhere', '../src', /\.\.\/src is not below the template's folder/],
  ])('%s', (_what, path, says) => {
    const { inline, notes } = read({ 'src/app.zip': '' }, 'app.main', 'python', { kind: 'folder', path, line: 1 });
    expect(inline).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(says)]);
  });

  it.each<[string, Record<string, string | undefined>, string, RegExp]>([
    ['packages of Node', { 'src/app.js': "require('axios')" }, 'nodejs', /imports what is not carried over: axios: bundle it/],
    ['packages of Python', { 'src/app.py': '', 'src/requirements.txt': 'requests>=2\nboto3' }, 'python', /not carried over: requests: put/],
    ['a folder of Python', { 'src/app.py': 'from lib import x', 'src/lib/x.py': '' }, 'python', /not carried over: lib: put/],
    [
      'a file that is no text',
      { 'src/app.py': '', 'src/data.json': undefined },
      'python',
      /left out, being no text or too large: data\.json/,
    ],
  ])('%s: what there is is read, and a note says what is missing', (_what, files, family, says) => {
    const { inline, notes } = read(files, 'app.main', family);
    expect(Object.keys(inline ?? {})).toHaveLength(1);
    expect(notes[0]).toMatch(says);
  });

  it.each<[string, string, string, string]>([
    ['python', 'index.handler', 'def handler(e, c): pass', 'index.py'],
    ['nodejs', 'index.handler', 'exports.handler = 1', 'index.js'],
    ['nodejs', 'app.handler', 'export const handler = 1', 'app.mjs'],
  ])('source in the template (%s, %s)', (family, handler, text, file) => {
    expect(read({}, handler, family, { kind: 'source', text, line: 1 })).toEqual({ handler, inline: { [file]: text }, notes: [] });
  });

  it('half a megabyte of empty lines takes no time', () => {
    const began = performance.now();
    read({}, 'a.b', 'nodejs', { kind: 'source', text: '\n'.repeat(500_000), line: 1 });
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('source in the template may be too long too', () => {
    const { inline, notes } = read({}, 'a.b', 'python', { kind: 'source', text: 'x'.repeat(524_289), line: 1 });
    expect(inline).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/512 KiB/)]);
  });
});
