import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../test/cluster/exec.ts';
import { step } from '../test/cluster/log.ts';
import { cacheDir } from '../test/cluster/paths.ts';
import { debianMirrors } from './host-settings.ts';

/** What Docker would pull; only where it does not answer it is made here. */
export const baseImage = (suite: string): string => `docker.io/library/debian:${suite}-slim`;

const recipeFile = join(import.meta.dirname, 'debian/slim.sh');
/** Written for bookworm; other suites differ by their name only. */
const recipeOf = (suite: string): string => readFileSync(recipeFile, 'utf8').replaceAll('bookworm', suite);
const label = 'dev.lull.recipe';

/** Makes the base once, under the name that Docker would pull it by, so that one Dockerfile serves both. Returns its id. */
export async function ensureBaseImage(suite: string, env: NodeJS.ProcessEnv): Promise<string> {
  const wanted = createHash('sha256').update(recipeOf(suite)).digest('hex').slice(0, 16);
  const inspect = (format: string): Promise<string> =>
    exec('buildah', ['inspect', '--type', 'image', '--format', format, baseImage(suite)], { env });
  const found = await inspect(`{{index .OCIv1.Config.Labels "${label}"}}`).catch(() => '');
  if (found.trim() !== wanted) await makeBaseImage(suite, env, wanted);
  return (await inspect('{{.FromImageID}}')).trim();
}

async function makeBaseImage(suite: string, env: NodeJS.ProcessEnv, version: string): Promise<void> {
  const work = mkdtempSync(join(cacheDir, '.debian-'));
  try {
    const mirror = (await debianMirrors(suite)).find(([, name]) => name === suite)?.[0] ?? '';
    step(`making debian:${suite}-slim by debootstrap (once, half a minute)`);
    await exec('bash', ['-s', mirror, join(work, 'root')], { input: recipeOf(suite) });
    const container = (await exec('buildah', ['from', 'scratch'], { env })).trim();
    await exec('buildah', ['copy', '--quiet', container, join(work, 'root'), '/'], { env });
    await exec(
      'buildah',
      [
        'config',
        '--label',
        `${label}=${version}`,
        '--cmd',
        'bash',
        '--env',
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        container,
      ],
      { env },
    );
    await exec('buildah', ['commit', '--quiet', '--rm', container, baseImage(suite)], { env });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
