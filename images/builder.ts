import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exec, succeeds } from '../test/cluster/exec.ts';
import { repoDir } from '../test/cluster/paths.ts';
import { dockerAnswers } from '../test/cluster/provider.ts';
import { baseImage, ensureBaseImage } from './base-image.ts';
import { hostVolumes } from './host-settings.ts';

/** What turns a Dockerfile into an image and an image into an archive. */
export interface Builder {
  /** Changes when what every image starts from changes. */
  readonly base: string;
  exists(image: string): Promise<boolean>;
  build(image: string, folder: string): Promise<void>;
  save(image: string, archive: string): Promise<void>;
}

export async function chooseBuilder(): Promise<Builder> {
  return (await dockerAnswers()) ? docker : buildah();
}

const docker: Builder = {
  base: baseImage,
  exists: (image) => succeeds('docker', ['image', 'inspect', image]),
  build: async (image, folder) => {
    await exec('docker', ['build', '--tag', image, '--file', join(folder, 'Dockerfile'), repoDir]);
  },
  save: async (image, archive) => {
    await exec('docker', ['save', '--output', archive, image]);
  },
};

/** Needs no engine and no registry. */
async function buildah(): Promise<Builder> {
  const env: NodeJS.ProcessEnv = { ...process.env, BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'overlay' };
  // vfs copies the whole image for every layer, but works on every file system.
  if (!(await succeeds('buildah', ['info'], { env }))) env['STORAGE_DRIVER'] = 'vfs';
  const base = await ensureBaseImage(env);
  // Asks apt, pip and npm, which takes 1.2 s: only when something is built, and once.
  let volumes: Promise<readonly string[]> | undefined;
  return {
    base,
    exists: (image) => succeeds('buildah', ['inspect', '--type', 'image', image], { env }),
    build: async (image, folder) => {
      const file = join(folder, 'Dockerfile');
      volumes ??= hostVolumes();
      const mounts = (await volumes).flatMap((volume) => ['--volume', volume]);
      await exec('buildah', ['bud', '--pull-never', '--network', 'host', '--layers', ...mounts, '--tag', image, '--file', file, repoDir], {
        env,
      });
    },
    save: async (image, archive) => {
      // Not compressed: nothing is sent anywhere, and gzip would take longer than all the rest.
      rmSync(`${archive}.part`, { force: true });
      await exec('buildah', ['push', '--quiet', image, `docker-archive:${archive}.part:${image}`], { env });
      renameSync(`${archive}.part`, archive);
    },
  };
}
