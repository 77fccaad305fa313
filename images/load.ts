import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { step } from '../test/cluster/log.ts';
import { imageDir, runDir } from '../test/cluster/paths.ts';
import { chooseProvider } from '../test/cluster/provider.ts';

/** Where an image's archive lies. */
export const archiveOf = (name: string): string => join(imageDir, `${name}.tar`);

/** Puts images, by name and hash, into the cluster if one runs: only what it does not have yet. The record goes with the cluster. */
export async function loadImages(hashes: ReadonlyMap<string, string>): Promise<void> {
  const provider = await chooseProvider();
  if (provider.name !== 'existing' && !existsSync(provider.kubeconfig())) return step('no cluster is up: images are built, not loaded');
  const record = join(runDir, 'loaded-images.json');
  const loaded = existsSync(record) ? (JSON.parse(readFileSync(record, 'utf8')) as Record<string, string>) : {};
  for (const [name, hash] of hashes) {
    if (loaded[name] === hash) continue;
    await provider.loadImages([archiveOf(name)]);
    loaded[name] = hash;
    mkdirSync(runDir, { recursive: true });
    writeFileSync(record, JSON.stringify(loaded, null, 2));
    step(`${name}: loaded`);
  }
}
