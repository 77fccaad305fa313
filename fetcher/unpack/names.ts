import { FetchError } from '../errors.ts';

/** Bytes of one part of a name that file systems take. */
const MAX_PART_BYTES = 255;
/** 4096 that a path may have, less the folder that the code is in, here and in the function's pod. */
const MAX_NAME_BYTES = 4000;

/** The parts of a name inside the code; "." and empty ones are left out, as tar writes "./app.py". Throws for one that could lead elsewhere. */
export function partsOf(name: string): string[] {
  const refuse = (why: string): never => {
    throw new FetchError('UnsafePath', `${JSON.stringify(name.slice(0, 200))} ${why}`);
  };
  if (name.includes('\0')) refuse('has a NUL');
  if (name.includes('\\')) refuse('has a backslash');
  if (name.startsWith('/')) refuse('is absolute');
  if (name.includes('\uFFFD') || !name.isWellFormed()) refuse('is not UTF-8');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) refuse(`has more than ${MAX_NAME_BYTES} bytes`);
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) refuse('has ".."');
  if (parts.some((part) => Buffer.byteLength(part) > MAX_PART_BYTES)) refuse(`has a part of more than ${MAX_PART_BYTES} bytes`);
  return parts;
}

/**
 * The target of a symbolic link that stays inside, however links are chained. ".." is taken at the beginning only, and not more often than the link is deep: it then
 * counts from the link's own folder, which is a real one. After a name it could step out of the folder that a link of that name leads to.
 * @param path of the link, as partsOf has it, joined
 */
export function checkedTarget(path: string, target: string): string {
  const refuse = (why: string): never => {
    throw new FetchError('UnsafeLink', `${JSON.stringify(path.slice(0, 200))} → ${JSON.stringify(target.slice(0, 200))} ${why}`);
  };
  if (target === '' || target.includes('\0') || Buffer.byteLength(target) >= MAX_NAME_BYTES) refuse('leads nowhere');
  if (target.startsWith('/')) refuse('is absolute');
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const firstName = parts.findIndex((part) => part !== '..');
  const up = firstName === -1 ? parts.length : firstName;
  if (up > path.split('/').length - 1) refuse('leaves the code');
  if (parts.lastIndexOf('..') >= up) refuse('has ".." after a name');
  return target;
}
