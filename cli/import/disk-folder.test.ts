import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DiskFolder } from './disk-folder.ts';

describe('DiskFolder', () => {
  const base = mkdtempSync(path.join(tmpdir(), 'lull-import-'));
  afterAll(() => rmSync(base, { recursive: true }));
  mkdirSync(path.join(base, 'template/src/lib'), { recursive: true });
  mkdirSync(path.join(base, 'template-two'));
  const file = (name: string, content: string | Buffer) => writeFileSync(path.join(base, name), content);
  file('secret.txt', 'secret');
  file('template/src/app.py', 'x = 1\n');
  file('template/src/bytes.bin', Buffer.from([0xff, 0xfe]));
  file('template/src/nul.txt', 'a\0b');
  file('template/src/large.txt', 'x'.repeat(524_289));
  symlinkSync('../../secret.txt', path.join(base, 'template/src/link.txt'));
  symlinkSync('app.py', path.join(base, 'template/src/inner.py'));
  symlinkSync('..', path.join(base, 'template/up'));
  symlinkSync('src', path.join(base, 'template/alias'));
  execFileSync('mkfifo', [path.join(base, 'template/src/pipe')]);
  const folder = new DiskFolder(path.join(base, 'template'));

  it('lists ordinary files and folders, no links and no pipes', () => {
    expect(folder.list('src')).toEqual({ kind: 'folder', files: ['app.py', 'bytes.bin', 'large.txt', 'nul.txt'], folders: ['lib'] });
  });

  it.each([
    ['src/app.py', 'file'],
    ['nowhere', 'missing'],
    ['src/app.py/x', 'missing'],
    ['..', 'outside'],
    ['../template-two', 'outside'],
    ['/etc', 'outside'],
    ['up', 'outside'],
    ['alias', 'folder'],
    ['.', 'folder'],
    ['a\0b', 'missing'],
  ])('%s is %s', (name, kind) => expect(folder.list(name)).toMatchObject({ kind }));

  it.each([
    ['src/app.py', 'x = 1\n'],
    ['src/inner.py', 'x = 1\n'],
    ['src/bytes.bin', undefined],
    ['src/nul.txt', undefined],
    ['src/large.txt', undefined],
    ['src/link.txt', undefined],
    ['src/pipe', undefined],
    ['../secret.txt', undefined],
    ['src', undefined],
  ])('reads %s as %s', (name, text) => expect(folder.read(name)).toBe(text));
});
