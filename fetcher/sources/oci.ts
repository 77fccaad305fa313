import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { OciSource } from '../../common/api/code.ts';
import type { FetchConfig } from '../config.ts';
import { FetchError, type FetchErrorCode } from '../errors.ts';
import { type Retry, retrying } from '../retry.ts';
import { isArchive, unpackLayer } from '../unpack/archive.ts';
import type { Tree } from '../unpack/tree.ts';
import { Credentials } from './credentials.ts';
import { run, ToolError } from './tool.ts';

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
  return `${image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')}@${digest}`;
}

async function copy(image: string, folder: string, config: FetchConfig): Promise<string> {
  const env = config.toolEnv;
  const credentials = new Credentials(config.credentialsDir);
  const authFile = await credentials.require('the key .dockerconfigjson (type kubernetes.io/dockerconfigjson)', async () =>
    (await credentials.read('.dockerconfigjson')) === undefined ? undefined : credentials.path('.dockerconfigjson'),
  );
  const insecure = config.insecureRegistries.includes(image.split('/', 1)[0] ?? '');
  const options = (prefix: string): string[] => [
    ...(authFile === undefined ? [`--${prefix}no-creds`] : [`--authfile=${authFile}`]),
    ...(insecure ? [`--${prefix}tls-verify=false`] : []),
  ];
  const reference = `docker://${image}`;
  try {
    const manifest = await run('skopeo', ['inspect', '--raw', ...options(''), reference], env);
    const bytes = layersOf(manifest, image, true).reduce((sum, { size }) => sum + size, 0);
    if (bytes > config.maxDownloadBytes) throw new FetchError('TooLarge', `${image} has ${bytes} bytes of layers`);
    const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    // Whose signature it must have is the cluster's business, not asked of a function's code.
    await run(
      'skopeo',
      ['--insecure-policy', 'copy', '--quiet', '--preserve-digests', ...options('src-'), reference, `dir:${folder}`],
      env,
    );
    return digest;
  } catch (error) {
    throw error instanceof ToolError ? new FetchError(codeOf(error.said), error.message, error) : error;
  }
}

/** @param orIndex a list of manifests, one a platform, has no layers of its own */
function layersOf(manifest: Buffer, image: string, orIndex = false): NonNullable<z.infer<typeof manifestSchema>['layers']> {
  const parsed = manifestSchema.safeParse(JSON.parse(manifest.toString('utf8')));
  const layers = parsed.data?.layers;
  if (layers === undefined && !orIndex) throw new FetchError('NotAnArchive', `${image} has a manifest without layers`);
  return layers ?? [];
}

function codeOf(said: string): FetchErrorCode {
  if (/manifest unknown|name unknown|not known to registry|not found|status 404/i.test(said)) return 'SourceNotFound';
  if (/unauthorized|authentication required|denied|forbidden|status 40[13]|credentials/i.test(said)) return 'SourceRefused';
  return /invalid reference format|no image found in (manifest list|image index)/i.test(said) ? 'SourceNotFound' : 'SourceUnavailable';
}
