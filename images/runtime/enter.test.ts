import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'lull-enter-'));
const enter = path.join(folder, 'enter');

/** In place of the loader: says what it was started with. */
const LOADER = '#!/bin/sh\nfor word in "$@"; do echo "arg $word"; done\nexec env\n';

beforeAll(() => {
  execFileSync('gcc', ['-Os', '-static', '-Wall', '-Wextra', '-Werror', '-o', enter, path.join(import.meta.dirname, 'enter.c')]);
  mkdirSync(path.join(folder, 'lib'));
  writeFileSync(path.join(folder, 'lib/ld.so'), LOADER);
  chmodSync(path.join(folder, 'lib/ld.so'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (env: Record<string, string>): string[] => execFileSync(enter, { env, encoding: 'utf8' }).trim().split('\n');

describe('enter', () => {
  it('starts Node by its own loader, out of the folder in which it lies', () => {
    const args = run({}).filter((line) => line.startsWith('arg '));
    expect(args.slice(0, 4)).toEqual(['arg --inhibit-cache', 'arg --library-path', `arg ${folder}/lib`, `arg ${folder}/node`]);
    expect(args.at(-1)).toBe(`arg ${folder}/bridge.cjs`);
  });

  it('keeps from the bridge what would change it, and hands it on by another name', () => {
    const env = run({ NODE_OPTIONS: '--x', GLIBC_TUNABLES: 'a', SSL_CERT_DIR: '/c', NODEJS: 'kept', A: '1', PATH: '/usr/bin' });
    for (const variable of [
      'LULL_ENV_NODE_OPTIONS=--x',
      'LULL_ENV_GLIBC_TUNABLES=a',
      'LULL_ENV_SSL_CERT_DIR=/c',
      'NODEJS=kept',
      'A=1',
      'PATH=/usr/bin',
    ])
      expect(env).toContain(variable);
    expect(env.filter((line) => /^(NODE_|GLIBC_|SSL_)/.test(line))).toEqual([]);
  });

  it('drops the PATH by which it was found', () => {
    expect(run({ PATH: '/proc/2/root/lull:/proc/3/root/lull' }).join('\n')).not.toContain('/proc/2/root');
  });
});
