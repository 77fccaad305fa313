import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { run } from './program.ts';

const TESTING = path.join(import.meta.dirname, 'import/testing');
const SAM = path.join(TESTING, 'sam-python/template.yaml');
const WORKER = path.join(TESTING, 'sam-worker/template.yaml');

function lull(args: readonly string[], { isColoured = false, env = {} } = {}) {
  let [stdout, stderr] = ['', ''];
  const code = run(args, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    env,
    isColoured,
  });
  return { code, stdout, stderr };
}

describe('lull', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lull-cli-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };

  it('import writes manifests to stdout and notes to stderr', () => {
    const { code, stdout, stderr } = lull(['import', SAM, '-n', 'shop']);
    expect(code).toBe(0);
    const [fn] = parseAllDocuments(stdout).map((document) => document.toJS() as { metadata: unknown });
    expect(fn?.metadata).toEqual({ name: 'hello-world-function', namespace: 'shop' });
    expect(stderr).toMatch(
      /template\.yaml: 1 Function\n\nCarried over, but different here \(1\)\n {2}.*template\.yaml:26 {2}HelloWorldFunction {2}GET \/hello: /,
    );
    expect(stderr).not.toContain('\u001b');
  });

  it('sets titles off on a terminal', () =>
    expect(lull(['import', SAM], { isColoured: true }).stderr).toContain('\u001b[1mGood to know (3)\u001b[0m'));

  it('gives notes as JSON', () => {
    const { functions, notes } = JSON.parse(lull(['import', SAM, '--json']).stderr) as { functions: string[]; notes: object[] };
    expect(functions).toEqual(['hello-world-function']);
    expect(notes).toHaveLength(4);
    expect(notes[0]).toEqual({
      level: 'hint',
      line: 13,
      function: 'HelloWorldFunction',
      what: 'LoggingConfig',
      text: expect.any(String) as string,
    });
  });

  it('--strict fails only when something was not carried over, and writes all the same', () => {
    expect(lull(['import', SAM, '--strict']).code).toBe(0);
    const strict = lull(['import', WORKER, '--strict']);
    expect(strict.code).toBe(2);
    expect(strict.stdout).toBe(lull(['import', WORKER]).stdout);
  });

  it('takes parameters, runtimes, a stage and the environment', () => {
    const { stdout } = lull([
      'import',
      WORKER,
      '--runtime-map',
      'python3.9=python3.11',
      '--runtime-map',
      'java21=quarkus',
      '--cpu-request',
    ]);
    expect(stdout).toContain('runtime: python3.11');
    expect(stdout).toContain('runtime: quarkus');
    expect(stdout).toContain('cpu: 145m');
    const node = [
      'import',
      path.join(TESTING, 'sam-node/template.yaml'),
      '--parameter',
      'Sender=a=b',
      '--parameter',
      'AWS::Region=eu-west-1',
    ];
    expect(lull(node).stdout).toContain('value: a=b@example.com');
    expect(lull(node).stdout).toContain('value: eu-west-1');
    const serverless = lull(['import', path.join(TESTING, 'serverless-node/serverless.yml'), '--stage', 'prod'], {
      env: { FROM_SHELL: 'x y' },
    });
    expect(serverless.stdout).toContain('value: orders-live');
    expect(serverless.stdout).toContain('value: x y');
  });

  it('writes a file for each Function, and replaces none unasked', () => {
    const into = path.join(folder, 'new/manifests');
    expect(lull(['import', WORKER, '-o', into])).toMatchObject({ code: 0, stdout: '' });
    expect(readdirSync(into)).toEqual(['order-worker.yaml', 'report.yaml', 'thumbnails.yaml']);
    writeFileSync(path.join(into, 'report.yaml'), 'mine');
    rmSync(path.join(into, 'thumbnails.yaml'));
    const again = lull(['import', WORKER, '-o', into]);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/report\.yaml is there already: --force replaces it/);
    expect(readdirSync(into)).toHaveLength(2);
    expect(readFileSync(path.join(into, 'report.yaml'), 'utf8')).toBe('mine');
    expect(lull(['import', WORKER, '-o', into, '--force']).code).toBe(0);
    expect(readFileSync(path.join(into, 'report.yaml'), 'utf8')).toContain('name: report');
  });

  it.each<[string, () => string[], RegExp]>([
    ['no such file', () => ['import', path.join(folder, 'nothing.yaml')], /nothing\.yaml: there is no such file/],
    ['a folder', () => ['import', folder], /it is a folder: name the template in it/],
    ['a program', () => ['import', file('serverless.ts', 'export default {}')], /it is a program: run 'serverless print/],
    ['bytes', () => ['import', file('a.yaml', Buffer.from([0xff, 0x00, 0xfe]))], /it is no text in UTF-8/],
    ['no YAML', () => ['import', file('b.yaml', 'a: 1\nb: [1\n')], /b\.yaml:\d: the file is not YAML/],
    ['a huge file', () => ['import', file('c.yaml', 'x'.repeat(1_048_577))], /larger than 1 MiB/],
    ['a template of something else', () => ['import', file('d.yaml', 'a: 1')], /neither a SAM/],
    ['a folder that cannot be', () => ['import', SAM, '-o', path.join(file('e.yaml', ''), 'x')], /cannot be written/],
    ['no file named', () => ['import'], /missing required argument 'file'/],
    ['a pair that is none', () => ['import', SAM, '--runtime-map', 'python'], /It must be NAME=VALUE/],
    ['a namespace that is none', () => ['import', SAM, '-n', 'My_Shop'], /It must be a namespace's name/],
    ['an unknown option', () => ['import', SAM, '--colour'], /unknown option '--colour'/],
    ['an unknown command', () => ['export'], /unknown command 'export'/],
    ['no command', () => [], /Usage: lull/],
  ])('%s ends with 1 and a sentence', (_what, args, says) => {
    const { code, stdout, stderr } = lull(args());
    expect(stdout).toBe('');
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });

  it('an error may be JSON too', () => {
    const { stderr } = lull(['import', file('f.yaml', 'a: 1\na: 2'), '--json']);
    expect(JSON.parse(stderr)).toEqual({ file: path.join(folder, 'f.yaml'), error: { message: 'the key "a" is there twice', line: 2 } });
  });

  it("a template's control characters do not reach a terminal", () => {
    const evil = file('g.yaml', 'Resources: {"A\\e[31m": {Type: "AWS::Lambda::Function", Properties: {"B\\u0007": 1}}}');
    const { stderr } = lull(['import', evil]);
    expect(stderr).toContain('B?: lull import does not know it');
    expect(stderr).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('explains itself', () => {
    const help = lull(['import', '--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/Exit codes: 0 written; 1 nothing written/);
    expect(lull(['--help']).stdout).toMatch(/import/);
  });
});
