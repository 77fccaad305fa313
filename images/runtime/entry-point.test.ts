import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryPoint } from './entry-point.ts';

describe('entryPoint', () => {
  let root: string;
  let layers: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lull-entry-'));
    layers = join(root, 'opt');
    mkdirSync(layers);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** The first bytes of a program for a processor. */
  function elf(machine: number): Buffer {
    const head = Buffer.alloc(64);
    head.write('\x7fELF', 'latin1');
    head.writeUInt16LE(machine, 18);
    return head;
  }
  const own = process.arch === 'arm64' ? 183 : 62;

  it('any other command stands as it is', () => {
    expect(entryPoint(['python3', 'bootstrap'], root, layers)).toEqual(['python3', 'bootstrap']);
  });

  it('the code’s bootstrap comes before that of a layer', () => {
    writeFileSync(join(layers, 'bootstrap'), '#!/bin/sh\n');
    expect(entryPoint(['bootstrap', 'a'], root, layers)).toEqual([join(layers, 'bootstrap'), 'a']);
    writeFileSync(join(root, 'bootstrap'), elf(own));
    expect(entryPoint(['bootstrap'], root, layers)).toEqual([join(root, 'bootstrap')]);
  });

  it('there is none, or it is a folder', () => {
    mkdirSync(join(root, 'bootstrap'));
    expect(() => entryPoint(['bootstrap'], root, layers)).toThrow(
      `Couldn't find valid bootstrap(s): [${join(root, 'bootstrap')} ${join(layers, 'bootstrap')}]`,
    );
  });

  it.each([
    ['for another processor', elf(own === 62 ? 183 : 62)],
    ['a text without #!', Buffer.from('echo hello\n')],
    ['empty', Buffer.alloc(0)],
  ])('%s: exec format error, and no shell', (_what, bytes) => {
    writeFileSync(join(root, 'bootstrap'), bytes);
    expect(() => entryPoint(['bootstrap'], root, layers)).toThrow(`fork/exec ${join(root, 'bootstrap')}: exec format error`);
  });
});
