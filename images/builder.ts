import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exec, succeeds } from '../test/cluster/exec.ts';
import { repoDir } from '../test/cluster/paths.ts';
import { dockerAnswers } from '../test/cluster/provider.ts';
import { baseImage, ensureBaseImage } from './base-image.ts';
import { hostVolumes } from './host-settings.ts';

/** What turns a Dockerfile into an image and an image into an archive. */
export interface Builder {
  /** Changes when the slim image of this suite of Debian does. */
  base(suite: string): Promise<string>;
  exists(image: string): Promise<boolean>;
  /** `suite`: of Debian, in all of the image's stages. */
  build(image: string, folder: string, suite: string): Promise<void>;
  save(image: string, archive: string): Promise<void>;
}

export async function chooseBuilder(): Promise<Builder> {
  return (await dockerAnswers()) ? docker : buildah();
}

const docker: Builder = {
  base: (suite) => Promise.resolve(baseImage(suite)),
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
  const bases = new Map<string, Promise<string>>();
  // Asks apt, pip and npm, which takes 1.2 s: only when something is built, and once.
  const volumes = new Map<string, Promise<readonly string[]>>();
  return {
    base: (suite) => once(bases, suite, () => ensureBaseImage(suite, env)),
    exists: (image) => succeeds('buildah', ['inspect', '--type', 'image', image], { env }),
    build: async (image, folder, suite) => {
      const file = join(folder, 'Dockerfile');
      const mounts = (await once(volumes, suite, () => hostVolumes(suite))).flatMap((volume) => ['--volume', volume]);
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

function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}
