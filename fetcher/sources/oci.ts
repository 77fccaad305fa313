import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { OciSource } from '../../common/api/code.ts';
import type { FetchConfig } from '../config.ts';
import { FetchError } from '../errors.ts';
import { type Retry, retrying } from '../retry.ts';
import { isArchive, unpackLayer } from '../unpack/archive.ts';
import type { Tree } from '../unpack/tree.ts';
import { atDigest } from './image-config.ts';
import { asRegistryError, inspectImageBytes, registryEnv, registryOptions } from './registry.ts';
import { run } from './tool.ts';

/** What is read of a manifest, OCI's or Docker's. */
const manifestSchema = z.object({
  layers: z
    .array(
      z.object({
        digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
        size: z.number(),
        annotations: z.record(z.string(), z.string()).optional(),
      }),
    )
    .optional(),
});

/** The name of the file that a layer is, when it is one. */
const TITLE = 'org.opencontainers.image.title';

/**
 * Copies an artifact or image out of a registry and unpacks its layers one over the other, whatever media types they claim to have: zip, tar, tar.gz or tar.zst is seen from
 * their bytes. A layer that is none of these and has a title is a file of that name, as `oras push REF app.py` makes it. Returns the image by its digest.
 */
export async function fetchOci({ image }: OciSource, tree: Tree, config: FetchConfig, retry: Retry): Promise<string> {
  const folder = join(config.workDir, 'oci');
  const digest = await retrying(() => copy(image, folder, config), retry);
  const layers = layersOf(await readFile(join(folder, 'manifest.json')), image);
  for (const { digest: layer, annotations } of layers) {
    const file = join(folder, layer.slice('sha256:'.length));
    const title = annotations?.[TITLE];
    if (title === undefined || (await isArchive(file))) await unpackLayer(file, tree, config.maxUnpackedBytes);
    else {
      tree.beginArchive();
      await tree.file(title, false, createReadStream(file));
    }
  }
  await rm(folder, { recursive: true });
  return atDigest(image, digest);
}

async function copy(image: string, folder: string, config: FetchConfig): Promise<string> {
  const options = await registryOptions(image, config);
  const manifest = await inspectImageBytes(image, '--raw', config);
  const bytes = layersOf(manifest, image, true).reduce((sum, { size }) => sum + size, 0);
  if (bytes > config.maxDownloadBytes) throw new FetchError('TooLarge', `${image} has ${bytes} bytes of layers`);
  const digest = createHash('sha256').update(manifest).digest('hex');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  try {
    // Whose signature it must have is the cluster's business, not asked of a function's code.
    await run(
      'skopeo',
      ['--insecure-policy', 'copy', '--quiet', '--preserve-digests', ...options('src-'), `docker://${image}`, `dir:${folder}`],
      await registryEnv(config),
    );
  } catch (error) {
    throw asRegistryError(error);
  }
  return digest;
}

/** @param orIndex a list of manifests, one a platform, has no layers of its own */
function layersOf(manifest: Buffer, image: string, orIndex = false): NonNullable<z.infer<typeof manifestSchema>['layers']> {
  const parsed = manifestSchema.safeParse(JSON.parse(manifest.toString('utf8')));
  const layers = parsed.data?.layers;
  if (layers === undefined && !orIndex) throw new FetchError('NotAnArchive', `${image} has a manifest without layers`);
  return layers ?? [];
}
