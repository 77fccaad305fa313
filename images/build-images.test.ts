import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { craftZip } from '../fetcher/testing/archives.ts';
import { inputsOf } from './dockerfile.ts';

const REPOSITORY = join(import.meta.dirname, '..');
const template = readFileSync(join(REPOSITORY, 'charts/lull/templates/runtimes.yaml'), 'utf8');
const lines = /define "lull\.runtimes" -\}\}\n([\s\S]*?)\{\{- end/.exec(template)?.[1] ?? '';
const RUNTIMES = parse(lines) as Record<string, { image: string; build?: string }>;
const inputs = (image: string) => inputsOf(join(import.meta.dirname, image, 'Dockerfile'));

describe('images that install packages', () => {
  it('are there for every version of Python and Node', () => {
    const without = Object.keys(RUNTIMES).filter((name) => RUNTIMES[name]?.build === undefined);
    expect(without).toEqual(['java17', 'provided', 'provided.al2023']);
  });

  it.each(Object.entries(RUNTIMES).filter(([, { build }]) => build !== undefined))(
    'have the interpreter that runs them: %s',
    (_name, runtime) => {
      const { images, suites, paths } = inputs(runtime.build ?? '');
      // Made from the very image, or of the Debian whose interpreter that has.
      expect(images.includes(runtime.image) || suites.some((suite) => inputs(runtime.image).suites.includes(suite))).toBe(true);
      for (const path of paths) expect(existsSync(join(REPOSITORY, path)), path).toBe(true);
    },
  );
});

/** The scripts as the Jobs run them, with this machine's pip and npm, and without a network. */
describe('what they run', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lull-build-'));
    mkdirSync(join(folder, 'code'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (name: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  const run = (image: string, env: NodeJS.ProcessEnv) => {
    const script = join(import.meta.dirname, image, 'build.sh');
    const path = [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter);
    return spawnSync('sh', [script], { cwd: join(folder, 'code'), env: { PATH: path, HOME: folder, ...env }, encoding: 'utf8' });
  };
  const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;

  it.skipIf(!hasPip)(
    'installs a wheel beside the handler, compiled without a time',
    () => {
      const files = {
        'greet.py': 'WORD = "hello"\n',
        'greet-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: greet\nVersion: 1.0\n',
        'greet-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
        'greet-1.0.dist-info/RECORD': 'greet.py,,\n',
      };
      put('wheels/greet-1.0-py3-none-any.whl', craftZip(Object.entries(files).map(([name, content]) => ({ name, content }))));
      put('code/requirements.txt', 'greet==1.0\n');
      put('code/app.py', 'import greet\nprint(greet.WORD)\n');
      const built = run('python-build', { PIP_NO_INDEX: '1', PIP_FIND_LINKS: join(folder, 'wheels') });
      expect(built.status, built.stderr).toBe(0);
      expect(execFileSync('python3', ['app.py'], { cwd: join(folder, 'code'), encoding: 'utf8' })).toBe('hello\n');
      put('code/requirements.txt', 'nowhere==1.0\n');
      const failed = run('python-build', { PIP_NO_INDEX: '1' });
      expect(failed.status).not.toBe(0);
      expect(failed.stderr).toContain('nowhere');
    },
    60_000,
  );

  it('installs what a package.json names, and nothing where node_modules is there already', () => {
    mkdirSync(join(folder, 'bin'));
    const npm = join(REPOSITORY, 'node_modules/npm/bin/npm-cli.js');
    symlinkSync(process.execPath, join(folder, 'bin/node'));
    put('bin/npm', `#!/bin/sh\nexec node ${npm} "$@"\n`);
    chmodSync(join(folder, 'bin/npm'), 0o755);
    put('word/package.json', '{"name":"word","version":"1.0.0"}');
    put('word/index.js', 'module.exports = "hello"');
    put('code/package.json', '{"dependencies":{"word":"file:../word"}}');
    put('code/app.cjs', 'console.log(require("word"))');
    const built = run('nodejs-build', { npm_config_offline: 'true', npm_config_install_links: 'true' });
    expect(built.status, built.stderr).toBe(0);
    expect(execFileSync(process.execPath, ['app.cjs'], { cwd: join(folder, 'code'), encoding: 'utf8' })).toBe('hello\n');
    put('code/package.json', '{"dependencies":{"nowhere":"1.0.0"}}');
    expect(run('nodejs-build', { npm_config_offline: 'true' }).status).toBe(0);
  }, 60_000);
});
