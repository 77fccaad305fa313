import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../test/cluster/lock.ts';
import { step } from '../test/cluster/log.ts';
import { imageDir, repoDir } from '../test/cluster/paths.ts';
import { type Builder, chooseBuilder } from './builder.ts';
import { bundleAll } from './bundle.ts';
import { inputsOf } from './dockerfile.ts';
import { hashOf } from './hash.ts';
import { archiveOf, loadImages } from './load.ts';

const imagesDir = import.meta.dirname;
const folderOf = (name: string): string => join(imagesDir, name);
const dockerfileOf = (name: string): string => join(folderOf(name), 'Dockerfile');
const tagOf = (name: string): string => `docker.io/lull/${name}:dev`;

/** Versions of languages that no test needs, and that take minutes: built by name only, with `make images IMAGES=…`. */
const ONLY_BY_NAME: ReadonlySet<string> = new Set([
  'nodejs20',
  'nodejs20-build',
  'nodejs22',
  'nodejs22-build',
  'python313',
  'python313-build',
]);

/** Builds the named images (those that tests need when none is named) and what they are made from, and puts them into the cluster if one runs. */
async function main(names: readonly string[]): Promise<void> {
  await bundleAll();
  const all = readdirSync(imagesDir).filter((name) => existsSync(dockerfileOf(name)));
  for (const name of names) if (!all.includes(name)) throw new Error(`there is no image ${name}; there are ${all.join(', ')}`);
  mkdirSync(imageDir, { recursive: true });
  const builder = await chooseBuilder();
  const hashes = new Map<string, string>();
  for (const name of names.length > 0 ? names : all.filter((one) => !ONLY_BY_NAME.has(one))) await make(builder, name, hashes);
  await loadImages(hashes);
}

/** Depth first: what an image is made from is there, and its hash known, before it. */
async function make(builder: Builder, name: string, hashes: Map<string, string>): Promise<string> {
  const known = hashes.get(name);
  if (known) return known;
  const { images, suites, paths } = inputsOf(dockerfileOf(name));
  // An image of ours alone is one of bookworm.
  const [suite = 'bookworm'] = suites;
  const bases = [await builder.base(suite)];
  for (const image of images) bases.push(await make(builder, image, hashes));
  const hash = hashOf(repoDir, paths, [readFileSync(dockerfileOf(name), 'utf8'), ...bases]);
  hashes.set(name, hash);
  const record = join(imageDir, `${name}.hash`);
  const unchanged = existsSync(record) && readFileSync(record, 'utf8') === hash && existsSync(archiveOf(name));
  if (unchanged && (await builder.exists(tagOf(name)))) {
    step(`${name}: unchanged`);
    return hash;
  }
  step(`${name}: building`);
  await builder.build(tagOf(name), folderOf(name), suite);
  await builder.save(tagOf(name), archiveOf(name));
  writeFileSync(record, hash);
  step(`${name}: built`);
  return hash;
}

try {
  await withLock(() => main(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
