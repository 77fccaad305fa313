import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exec, succeeds } from '../test/cluster/exec.ts';
import { step } from '../test/cluster/log.ts';
import { cacheDir } from '../test/cluster/paths.ts';
import { debianMirrors } from './host-settings.ts';

export const baseImage = 'docker.io/library/debian:bookworm-slim';

/** Makes the base once, under the name that Docker would pull it by, so that one Dockerfile serves both. */
export async function ensureBaseImage(env: NodeJS.ProcessEnv): Promise<void> {
  if (await succeeds('buildah', ['inspect', '--type', 'image', baseImage], { env })) return;
  const work = mkdtempSync(join(cacheDir, '.debian-'));
  try {
    const mirror = (await debianMirrors()).find(([, suite]) => suite === 'bookworm')?.[0] ?? '';
    step('making debian:bookworm-slim by debootstrap (once, half a minute)');
    await exec('bash', [join(import.meta.dirname, 'debian/slim.sh'), mirror, join(work, 'root')]);
    const container = (await exec('buildah', ['from', 'scratch'], { env })).trim();
    await exec('buildah', ['copy', '--quiet', container, join(work, 'root'), '/'], { env });
    await exec(
      'buildah',
      ['config', '--cmd', 'bash', '--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', container],
      { env },
    );
    await exec('buildah', ['commit', '--quiet', '--rm', container, baseImage], { env });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
