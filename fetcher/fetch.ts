import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FetchConfig } from './config.ts';
import { FetchError } from './errors.ts';
import type { Retry } from './retry.ts';
import { fetchArchive } from './sources/archive.ts';
import { fetchConfigMap } from './sources/config-map.ts';
import { fetchGit } from './sources/git.ts';
import { fetchOci } from './sources/oci.ts';
import { Tree } from './unpack/tree.ts';

/** What is known of the source beside its files; `pack` reads it. */
export interface Facts {
  /** Git's, in full. */
  commit?: string;
  /** By its digest. */
  image?: string;
}

export const CODE_DIR = 'code';
export const FACTS_FILE = 'facts.json';

/** Gets the source's files into /work/code, and what else is known of it into /work/facts.json. Returns how many files there are. */
export async function fetchSource(config: FetchConfig, onFailure: (error: FetchError) => void): Promise<number> {
  const root = join(config.workDir, CODE_DIR);
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  // HOME of all three containers.
  await mkdir(join(config.workDir, 'home'), { recursive: true });
  const tree = new Tree(root, { maxBytes: config.maxUnpackedBytes });
  const facts = await fill(tree, config, { pauseMillis: config.retryMillis, onFailure });
  if (tree.files === 0) throw new FetchError('EmptyBundle');
  await tree.finish();
  await writeFile(join(config.workDir, FACTS_FILE), JSON.stringify(facts));
  return tree.files;
}

async function fill(tree: Tree, config: FetchConfig, retry: Retry): Promise<Facts> {
  const { source } = config;
  if ('configMap' in source) await fetchConfigMap(config.configMapDir, tree);
  else if ('archive' in source) await fetchArchive(source.archive, tree, config, retry);
  else if ('git' in source) return { commit: await fetchGit(source.git, tree, config, retry) };
  else if ('oci' in source) return { image: await fetchOci(source.oci, tree, config, retry) };
  else throw new FetchError('BadSource', Object.keys(source).join());
  return {};
}
