import { createWriteStream, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import type { ArchiveFormat } from '../../common/api/code.ts';
import { FetchError, type FetchErrorCode } from '../errors.ts';
import { type Crafted, craftTgz, craftZip } from '../testing/archives.ts';
import { unpackArchive, unpackLayer } from './archive.ts';
import { checkedTarget, partsOf } from './names.ts';
import { Tree } from './tree.ts';

const MAX_BYTES = 1_000_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unpack-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function unpack(bytes: Buffer, format: ArchiveFormat, maxFiles = 100): Promise<string> {
  const file = join(folder, 'archive');
  const root = mkdtempSync(join(folder, 'code-'));
  writeFileSync(file, bytes);
  const tree = new Tree(root, { maxBytes: MAX_BYTES, maxFiles });
  await unpackArchive(file, format, tree, MAX_BYTES);
  await tree.finish();
  return root;
}

async function codeOf(unpacking: Promise<unknown>): Promise<FetchErrorCode> {
  const error = await unpacking.then(() => undefined).catch((thrown: unknown) => thrown);
  if (!(error instanceof FetchError)) throw error ?? new Error('it was taken');
  return error.code;
}

const modeOf = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8);
const crafts = { zip: craftZip, tgz: craftTgz };
const FILE = { name: 'app.py', content: 'x' };

describe.each(['zip', 'tgz'] as const)('a %s', (format) => {
  const craft = (entries: readonly Crafted[]): Promise<string> => unpack(crafts[format](entries), format);

  it('comes out as it was, executable or not and nothing else', async () => {
    const root = await craft([
      { name: './app.py', content: 'print(1)', mode: 0o100600 },
      { name: 'bootstrap', content: '#!', mode: 0o100755 },
      { name: 'bin/setuid', content: '', mode: 0o104711 },
      { name: 'lib/deep/er/x.txt', content: 'déjà', mode: 0o100444 },
    ]);
    expect(readFileSync(join(root, 'app.py'), 'utf8')).toBe('print(1)');
    expect(readFileSync(join(root, 'lib/deep/er/x.txt'), 'utf8')).toBe('déjà');
    expect(['app.py', 'bootstrap', 'bin/setuid', 'lib/deep/er/x.txt'].map((name) => modeOf(join(root, name)))).toEqual([
      '644',
      '755',
      '755',
      '644',
    ]);
  });

  it.each([
    ['../evil', 'UnsafePath'],
    ['a/../../evil', 'UnsafePath'],
    ['a/..', 'UnsafePath'],
    ['/etc/evil', 'UnsafePath'],
    ['..\\evil', 'UnsafePath'],
    ['C:\\evil', 'UnsafePath'],
    ['.', 'UnsafePath'],
  ] as const)('with the name %s is refused', async (name, code) => {
    expect(await codeOf(craft([FILE, { name, content: 'x' }]))).toBe(code);
  });

  it('with a name twice is refused, also when one of them is a folder', async () => {
    expect(await codeOf(craft([FILE, FILE]))).toBe('UnsafePath');
    expect(await codeOf(craft([FILE, { name: './app.py', content: 'y' }]))).toBe('UnsafePath');
    expect(await codeOf(craft([FILE, { name: 'app.py/inside', content: 'y' }]))).toBe('UnsafePath');
    expect(
      await codeOf(
        craft([
          { name: 'lib/a', content: '' },
          { name: 'lib', content: 'y' },
        ]),
      ),
    ).toBe('UnsafePath');
  });

  it('of more than the limit is refused', async () => {
    const half = 'x'.repeat(MAX_BYTES / 2);
    expect(
      await codeOf(
        craft([
          { name: 'a', content: half },
          { name: 'b', content: half },
          { name: 'c', content: '!' },
        ]),
      ),
    ).toBe('TooLarge');
  });

  it('of more files or folders than the limit is refused', async () => {
    const files = crafts[format](Array.from({ length: 21 }, (_, index) => ({ name: `f${index}` })));
    expect(await codeOf(unpack(files, format, 20))).toBe('TooManyFiles');
    expect(await codeOf(unpack(crafts[format]([{ name: `${'d/'.repeat(20)}f` }]), format, 20))).toBe('TooManyFiles');
  });

  it('that is cut off, of another kind or none is refused', async () => {
    const whole = crafts[format]([{ name: 'a', content: Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251)) }]);
    const other = format === 'zip' ? craftTgz([FILE]) : craftZip([FILE]);
    for (const bytes of [whole.subarray(0, whole.length >> 1), other, Buffer.from('<html>not found</html>'), Buffer.alloc(0)])
      expect(await codeOf(unpack(bytes, format))).toBe('NotAnArchive');
  });
});

const link = (name: string, target: string): { zip: Crafted; tgz: Crafted } => ({
  zip: { name, content: target, mode: 0o120777 },
  tgz: { name, target, type: '2', mode: 0o777 },
});

describe.each(['zip', 'tgz'] as const)('a symbolic link in a %s', (format) => {
  const craft = (entries: readonly Crafted[]): Promise<string> => unpack(crafts[format](entries), format);

  it('to what is inside is kept', async () => {
    const root = await craft([link('bin/run', '../app.py')[format], FILE, link('latest', 'bin')[format]]);
    expect(readlinkSync(join(root, 'bin/run'))).toBe('../app.py');
    expect(readFileSync(join(root, 'latest/run'), 'utf8')).toBe('x');
  });

  it.each([
    ['out', '/etc'],
    ['out', '..'],
    ['a/out', '../..'],
    ['a/out', '../../etc/passwd'],
    // Inside as it reads, but lib may be a link itself.
    ['out', 'lib/../..'],
    ['a/b/out', 'lib/../x'],
    ['out', ''],
  ])('%s → %s is refused', async (name, target) => {
    expect(await codeOf(craft([FILE, link(name, target)[format]]))).toBe('UnsafeLink');
  });

  it('is not written through, whichever comes first', async () => {
    const through = { name: 'lib/evil', content: 'x' };
    expect(await codeOf(craft([link('lib', 'other')[format], through]))).toBe('UnsafeLink');
    expect(await codeOf(craft([through, link('lib', 'other')[format]]))).toBe('UnsafePath');
    expect(await codeOf(craft([link('app.py', 'other')[format], FILE]))).toBe('UnsafePath');
  });
});

describe('a tgz', () => {
  it.each(['1', '3', '4', '6', 'S'])('with an entry of type %s (hard link, device, pipe, sparse) is refused', async (type) => {
    expect(await codeOf(unpack(craftTgz([FILE, { name: 'other', type, target: 'app.py' }]), 'tgz'))).toBe('UnsafeLink');
  });

  it('that says of a file it is small and is not, is no tar', async () => {
    const tar = Buffer.concat([Buffer.alloc(512, 'x'), Buffer.alloc(1024)]);
    expect(await codeOf(unpack(gzipSync(tar), 'tgz'))).toBe('NotAnArchive');
  });
});

describe('a zip', () => {
  it('made by Windows, which knows no modes, can be executed', async () => {
    const root = await unpack(craftZip([{ name: 'bootstrap', content: '', host: 0, mode: 0 }]), 'zip');
    expect(modeOf(join(root, 'bootstrap'))).toBe('755');
  });

  it('with devices is refused', async () => {
    expect(await codeOf(unpack(craftZip([FILE, { name: 'null', mode: 0o020666 }]), 'zip'))).toBe('UnsafeLink');
  });

  it('with a NUL in a name is refused', async () => {
    expect(await codeOf(unpack(craftZip([{ name: 'app.py\0.txt' }]), 'zip'))).toBe('UnsafePath');
  });

  it('with a password is refused', async () => {
    await expect(
      unpack(craftZip([{ name: 'secret', content: `${'x'.repeat(12)}secret`, claimed: 6, flags: 0x801 }]), 'zip'),
    ).rejects.toMatchObject({
      code: 'NotAnArchive',
      detail: 'it is encrypted',
    });
  });

  it('of which the headers lie about the size is refused before it fills the disk', async () => {
    const bomb = Buffer.alloc(20 * MAX_BYTES);
    const squeezed = deflateRawSync(bomb);
    // A zip with one stored file, made into a deflated one that says it has 100 bytes.
    const zip = craftZip([{ name: 'bomb', content: squeezed }]);
    for (const at of [0, zip.indexOf('PK\x01\x02')]) {
      const central = at === 0 ? 0 : 2;
      zip.writeUInt16LE(8, at + 8 + central);
      zip.writeUInt32LE(crc32(bomb), at + 14 + central);
      zip.writeUInt32LE(100, at + 22 + central);
    }
    expect(await codeOf(unpack(zip, 'zip'))).toBe('NotAnArchive');
  });

  it('with zip64 headers is taken', async () => {
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from('print(64)'), 'app.py', { forceZip64Format: true, compress: true });
    zip.end({ forceZip64Format: true, comment: '' });
    await pipeline(zip.outputStream, createWriteStream(join(folder, 'zip64')));
    const root = await unpack(readFileSync(join(folder, 'zip64')), 'zip');
    expect(readFileSync(join(root, 'app.py'), 'utf8')).toBe('print(64)');
  });
});

describe('names', () => {
  const part = fc.constantFrom('a', 'b', '..', '.', '', 'c.d');
  const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));

  it('stay inside whenever they are taken', () => {
    fc.assert(
      fc.property(path, (name) => {
        let parts: string[];
        try {
          parts = partsOf(name);
        } catch {
          return name.startsWith('/') || name.split('/').includes('..');
        }
        return join('/root', ...parts) === join('/root', name, '.').replace(/(?<=.)\/$/, '') && !parts.includes('..');
      }),
    );
  });

  it('as targets of links lead inside whenever they are taken', () => {
    fc.assert(
      fc.property(path, path, (name, target) => {
        const at =
          name
            .split('/')
            .filter((one) => /[a-z]/.test(one))
            .join('/') || 'x';
        try {
          checkedTarget(at, target);
        } catch {
          return true;
        }
        return `${join('/root', at, '..', target)}/`.startsWith('/root/');
      }),
    );
  });
});

describe('archives one over the other', () => {
  const over = async (...archives: readonly (readonly Crafted[])[]): Promise<string> => {
    const root = mkdtempSync(join(folder, 'code-'));
    const tree = new Tree(root, { maxBytes: MAX_BYTES });
    for (const entries of archives) {
      writeFileSync(join(folder, 'layer'), craftTgz(entries));
      await unpackLayer(join(folder, 'layer'), tree, MAX_BYTES);
    }
    await tree.finish();
    return root;
  };

  it('replace files by folders, folders by files and links by files', async () => {
    const lower = [{ name: 'a', content: 'file' }, { name: 'b/c/d', content: 'deep' }, link('l', 'a').tgz, link('m', 'a').tgz];
    const upper = [{ name: 'a/x', content: 'x' }, { name: 'b', content: 'file' }, { name: 'l', content: 'file' }, { name: '.wh.m' }];
    const root = await over(lower, upper);
    expect(readdirSync(root, { recursive: true }).sort()).toEqual(['a', 'a/x', 'b', 'l']);
    expect([readFileSync(join(root, 'b'), 'utf8'), readFileSync(join(root, 'l'), 'utf8')]).toEqual(['file', 'file']);
  });

  it('do not write through each other’s links', async () => {
    expect(await codeOf(over([link('lib', 'other').tgz], [{ name: 'lib/evil', content: 'x' }]))).toBe('UnsafeLink');
    expect(await codeOf(over([FILE], [{ name: '../.wh.app.py' }]))).toBe('UnsafePath');
  });
});
