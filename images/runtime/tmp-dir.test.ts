import { describe, expect, it } from 'vitest';
import type { Config } from './config.ts';
import { withTmpDir } from './tmp-dir.ts';

describe('withTmpDir', () => {
  it.each<[string, Record<string, string>, boolean, string | undefined, number]>([
    ['a /tmp is used', {}, true, undefined, 0],
    ['without one there is another folder, and a line says so', {}, false, '/dev/shm', 1],
    ['what the image says is left', { TMPDIR: '/scratch' }, false, '/scratch', 0],
  ])('%s', (_name, handlerEnv, isWritable, tmpDir, lines) => {
    const said: string[] = [];
    const config = withTmpDir(
      { handlerEnv } as unknown as Config,
      (_label, line) => said.push(line),
      () => isWritable,
    );
    expect(config.handlerEnv['TMPDIR']).toBe(tmpDir);
    expect(said).toHaveLength(lines);
  });
});
