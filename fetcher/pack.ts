import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackConfig } from './config.ts';
import { FetchError } from './errors.ts';
import { CODE_DIR, FACTS_FILE, type Facts } from './fetch.ts';
import { writeBundle } from './pack/bundle.ts';
import { upload } from './pack/upload.ts';
import { walk } from './pack/walk.ts';
import { retrying } from './retry.ts';
import type { Packed } from './termination.ts';

/** Makes a bundle of /work/code and puts it into the store. */
export async function pack(config: PackConfig, onFailure: (error: FetchError) => void): Promise<Packed> {
  const root = join(config.workDir, CODE_DIR);
  const items = await walk(root, config.maxUnpackedBytes);
  if (items.some(({ name }) => name === config.reserved)) throw new FetchError('ReservedName', `/opt/${config.reserved}`);
  const files = items.filter(({ kind }) => kind !== 'folder');
  if (files.length === 0) throw new FetchError('EmptyBundle');
  const file = join(config.workDir, 'bundle.tar.zst');
  const { digest, bytes } = await writeBundle(root, items, file);
  const { store, write, writeToken } = config;
  await retrying(() => upload({ file, digest, bytes, store, write, writeToken }), { pauseMillis: config.retryMillis, onFailure });
  await rm(file);
  const { commit } = JSON.parse(await readFile(join(config.workDir, FACTS_FILE), 'utf8')) as Facts;
  const unpackedBytes = items.reduce((sum, item) => sum + item.bytes, 0);
  return { digest, bytes, unpackedBytes, files: files.length, ...(commit !== undefined && { commit }) };
}
