import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Builder, chooseBuilder } from '../../images/builder.ts';
import { inputsOf } from '../../images/dockerfile.ts';
import { hashOf } from '../../images/hash.ts';
import { archiveOf, loadImages } from '../../images/load.ts';
import { exec } from '../cluster/exec.ts';
import { withLock } from '../cluster/lock.ts';
import { imageDir, repoDir } from '../cluster/paths.ts';
import { lullFunction } from './functions.ts';

const folder = path.join(repoDir, 'images/testlambda');
/** In the order in which they are made: `aws` is made from `python`. */
const NAMES = ['python', 'aws', 'scratch', 'musl'] as const;
export type LambdaImage = (typeof NAMES)[number];

export const imageName = (name: LambdaImage): string => `docker.io/lull/testlambda-${name}:dev`;

/** What each says of itself; a node's own image store cannot be asked. */
export const IMAGE_CONFIG: Readonly<Record<LambdaImage, { entryPoint: string[]; command: string[] }>> = {
  python: { entryPoint: ['/usr/bin/python3', '-m', 'awslambdaric'], command: ['app.handler'] },
  aws: { entryPoint: ['/lambda-entrypoint.sh'], command: ['app.handler'] },
  scratch: { entryPoint: ['/main'], command: [] },
  musl: { entryPoint: ['/var/runtime/bootstrap'], command: [] },
};

/** A Function manifest of one of them. */
export function imageFunction(name: string, namespace: string, image: LambdaImage, spec: Record<string, unknown> = {}): object {
  return lullFunction(name, namespace, { code: { image: imageName(image) }, imageConfig: IMAGE_CONFIG[image], ...spec });
}

/** Builds the Lambda container images of images/testlambda, and puts them into the cluster: once, until their files change. */
export function lambdaImages(names: readonly LambdaImage[] = NAMES): Promise<void> {
  return withLock(async () => {
    const builder = await chooseBuilder();
    const hashes = new Map<string, string>();
    let base = builder.base;
    for (const name of names) {
      base = await make(builder, name, base);
      hashes.set(`testlambda-${name}`, base);
    }
    await loadImages(hashes);
  });
}

async function make(builder: Builder, name: LambdaImage, base: string): Promise<string> {
  const dockerfile = path.join(folder, name, 'Dockerfile');
  if (name === 'scratch') await buildGo();
  const { paths } = inputsOf(dockerfile);
  const hash = hashOf(
    repoDir,
    [...new Set(paths.filter((file) => existsSync(path.join(repoDir, file))))],
    [readFileSync(dockerfile, 'utf8'), base],
  );
  const record = path.join(imageDir, `testlambda-${name}.hash`);
  if (existsSync(record) && readFileSync(record, 'utf8') === hash && existsSync(archiveOf(`testlambda-${name}`))) return hash;
  await builder.build(imageName(name), path.join(folder, name));
  await builder.save(imageName(name), archiveOf(`testlambda-${name}`));
  writeFileSync(record, hash);
  return hash;
}

/** Outside an image, as people do who build FROM scratch; it is the same file, byte for byte, wherever it is built. */
async function buildGo(): Promise<void> {
  const out = path.join(repoDir, 'dist/testlambda-go');
  await exec('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', out, '.'], {
    cwd: path.join(folder, 'scratch'),
    env: { ...process.env, CGO_ENABLED: '0' },
  });
}
