import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeDigest } from '../../common/api/token.ts';
import { isSafeName, writeCode } from './code.ts';

describe('writeCode', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lull-code-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('writes files, folders among them', () => {
    const files = { 'app.py': 'a', 'pkg/deep/b.py': 'b' };
    writeCode(files, codeDigest(files), root);
    expect(readFileSync(join(root, 'pkg/deep/b.py'), 'utf8')).toBe('b');
  });

  it('makes a script executable', () => {
    const files = { bootstrap: '#!/bin/sh\n', 'app.py': '' };
    writeCode(files, codeDigest(files), root);
    expect(Object.keys(files).map((name) => statSync(join(root, name)).mode & 0o111)).toEqual([0o111, 0]);
  });

  it('writes nothing of code that is not what was asked for', () => {
    expect(() => writeCode({ 'app.py': 'a' }, codeDigest({ 'app.py': 'b' }), root)).toThrow(/digest/);
    expect(readdirSync(root)).toEqual([]);
  });

  it('writes nothing when one name leaves the task root', () => {
    const files = { 'app.py': 'a', '../evil.py': 'b' };
    expect(() => writeCode(files, codeDigest(files), root)).toThrow(/"\.\.\/evil\.py" is no file name/);
    expect(readdirSync(root)).toEqual([]);
  });

  it.each(['/etc/passwd', 'a//b', './a', 'a/..', 'a\0b', 'a\\b', ''])('refuses %j', (name) => {
    expect(isSafeName(name)).toBe(false);
  });
});
