import { createHash } from 'node:crypto';
import type { ImageFacts } from '../common/api/code.ts';
import type { FetchConfig } from './config.ts';
import { FetchError } from './errors.ts';
import { retrying } from './retry.ts';
import { atDigest, imageFacts } from './sources/image-config.ts';
import { inspectImageBytes } from './sources/registry.ts';

/** What `inspect` says when all went well. */
export interface Inspected {
  /** SHA-256 of the image's manifest (of its index, where it has several platforms), hex. */
  digest: string;
  image: ImageFacts;
}

/** Asks a registry what an image starts. The configuration is that of the very manifest whose digest is told, whatever is pushed meanwhile. */
export async function inspectImage(config: FetchConfig, onFailure: (error: FetchError) => void): Promise<Inspected> {
  const { source } = config;
  if (!('image' in source)) throw new FetchError('BadSource', Object.keys(source).join());
  const { image } = source.image;
  const retry = { pauseMillis: config.retryMillis, onFailure };
  const manifest = await retrying(() => inspectImageBytes(image, '--raw', config), retry);
  const digest = createHash('sha256').update(manifest).digest('hex');
  const configuration = await retrying(() => inspectImageBytes(atDigest(image, digest), '--config', config), retry);
  return { digest, image: imageFacts(image, digest, JSON.parse(configuration.toString()) as Parameters<typeof imageFacts>[2]) };
}
