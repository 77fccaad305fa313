import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../exec.ts';
import { imageDir, repoDir } from '../paths.ts';

/** The full name: containerd resolves nothing for the sandbox. */
export const pauseImage = 'docker.io/lull/pause:dev';

/** An archive as `docker save` writes it, made by hand: one static binary needs no image builder. */
export async function pauseArchive(): Promise<string> {
  const source = join(repoDir, 'images/pause/pause.c');
  const archive = join(imageDir, `pause-${sha256(readFileSync(source)).slice(0, 12)}.tar`);
  if (existsSync(archive)) return archive;
  mkdirSync(imageDir, { recursive: true });
  const work = mkdtempSync(join(imageDir, '.pause-'));
  try {
    mkdirSync(join(work, 'root'));
    await exec('gcc', ['-Os', '-static', '-s', '-Wall', '-o', join(work, 'root/pause'), source]);
    await exec('tar', ['-C', join(work, 'root'), '--owner=0', '--group=0', '--mtime=@0', '-cf', join(work, 'layer.tar'), 'pause']);
    const config = JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Entrypoint: ['/pause'], User: '65535:65535' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(readFileSync(join(work, 'layer.tar')))}`] },
    });
    writeFileSync(join(work, 'config.json'), config);
    writeFileSync(join(work, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: [pauseImage], Layers: ['layer.tar'] }]));
    await exec('tar', ['-C', work, '-cf', join(work, 'image.tar'), 'manifest.json', 'config.json', 'layer.tar']);
    renameSync(join(work, 'image.tar'), archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return archive;
}

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
