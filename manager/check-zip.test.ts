import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { zipOf } from '../test/support/zip.ts';
import { checkZip } from './check-zip.ts';

const dir = mkdtempSync(join(tmpdir(), 'lull-zip-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function check(bytes: Buffer): Promise<void> {
  const path = join(dir, 'a.zip');
  writeFileSync(path, bytes);
  await checkZip(path, bytes.length);
}

it('a zip file is taken', async () => {
  const zip = zipOf({ 'a.py': 'x = 1', 'folder/b.py': '' });
  await check(zip);
  // What we make for tests is one for others, too.
  writeFileSync(join(dir, 'b.zip'), zip);
  const names = execFileSync('python3', [
    '-c',
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist())',
    join(dir, 'b.zip'),
  ]);
  expect(names.toString()).toBe("None ['a.py', 'folder/b.py']\n");
});

it.each([
  ['nothing', Buffer.alloc(0), /non-empty zip/],
  ['a zip file without files', zipOf({}), /non-empty zip/],
  ['text', Buffer.from('hello'), /Could not unzip uploaded file/],
  ['half of one', zipOf({ 'a.py': 'x = 1' }).subarray(0, 60), /Could not unzip/],
  ['one that leads out of its folder', zipOf({ '../a.py': 'x = 1' }), /Could not unzip/],
  ['more than 250 MB', zipOf({ a: '', b: '', c: '' }, 90_000_000), /Unzipped size must be smaller than 262144000 bytes/],
])('%s is refused', async (_what, bytes, message) => {
  await expect(check(bytes)).rejects.toThrow(message);
});
