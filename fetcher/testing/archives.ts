import { crc32, gzipSync } from 'node:zlib';

/** One entry of a crafted archive. */
export interface Crafted {
  name: string;
  content?: string | Buffer;
  /** As lstat has it, type and permissions. */
  mode?: number;
  /** Of a tar: '0' file, '1' hard link, '2' symbolic link, '3' device, '5' folder. */
  type?: string;
  target?: string;
  /** Of a zip: how many bytes it says the file has, uncompressed. */
  claimed?: number;
  /** Of a zip: general purpose flags. */
  flags?: number;
  /** Of a zip: "version made by", 3 for Unix. */
  host?: number;
}

/** A tar.gz byte by byte: what writes archives properly refuses to write these. */
export function craftTgz(entries: readonly Crafted[]): Buffer {
  const blocks = entries.flatMap(({ name, content = '', mode = 0o644, type = '0', target = '' }) => {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write(`${(mode & 0o7777).toString(8).padStart(7, '0')}\0${'0'.repeat(7)}\0${'0'.repeat(7)}\0`, 100);
    header.write(`${body.length.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0        ${type}`, 124);
    header.write(target, 157, 100);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** A zip byte by byte, its files stored as they are. */
export function craftZip(entries: readonly Crafted[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content = '', mode = 0o100644, flags = 0x800, host = 3, claimed } of entries) {
    const body = Buffer.from(content);
    const raw = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(flags, 2);
    shared.writeUInt32LE(crc32(body), 10);
    shared.writeUInt32LE(body.length, 14);
    shared.writeUInt32LE(claimed ?? body.length, 18);
    shared.writeUInt16LE(raw.length, 22);
    locals.push(Buffer.from('PK\x03\x04'), shared, raw, body);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode * 0x10000) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.from([0x50, 0x4b, 1, 2, 20, host]), shared, rest, raw);
    offset += 30 + raw.length + body.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
