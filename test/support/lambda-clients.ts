import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exec } from '../cluster/exec.ts';
import { cacheDir, imageDir, repoDir } from '../cluster/paths.ts';

/** A command that starts a handler process with AWS's own client: what stands in Runtime.spec.command, but on this machine instead of in an image. */
export type ClientCommand = readonly string[];

/** awslambdaric from PyPI, in the version of images/python, by our own launcher. Installed once into the cache. */
export async function pythonClient(): Promise<ClientCommand> {
  const requirement = readFileSync(path.join(repoDir, 'images/python/requirements.txt'), 'utf8').split('\n')[0] as string;
  const venv = path.join(cacheDir, `venv-${requirement.replace('==', '-')}`);
  const ready = path.join(venv, 'ready');
  if (!existsSync(ready)) {
    await exec('python3', ['-m', 'venv', '--clear', venv]);
    await exec(path.join(venv, 'bin/pip'), ['install', '-q', '--disable-pip-version-check', requirement]);
    writeFileSync(ready, '');
  }
  return [path.join(venv, 'bin/python'), path.join(repoDir, 'images/python/launch.py')];
}

/** aws-lambda-ric with its native part, as it was compiled for the image lull/nodejs: taken out of that image's archive. */
export async function nodeClient(): Promise<ClientCommand> {
  const hash = readFileSync(path.join(imageDir, 'nodejs.hash'), 'utf8').slice(0, 12);
  const folder = path.join(cacheDir, `nodejs-client-${hash}`);
  const client = path.join(folder, 'opt/lull/node_modules/aws-lambda-ric/index.mjs');
  if (!existsSync(client)) {
    for (const old of readdirSync(cacheDir)) if (old.startsWith('nodejs-client-')) rmSync(path.join(cacheDir, old), { recursive: true });
    const layers = path.join(folder, 'layers');
    mkdirSync(layers, { recursive: true });
    await exec('tar', ['xf', path.join(imageDir, 'nodejs.tar'), '-C', layers]);
    for (const layer of layersOf(layers))
      await exec('tar', ['xf', layer, '-C', folder, '--wildcards', 'opt/lull/node_modules/*']).catch(() => undefined);
    rmSync(layers, { recursive: true });
    if (!existsSync(client)) throw new Error(`there is no aws-lambda-ric in ${path.join(imageDir, 'nodejs.tar')}`);
  }
  return [process.execPath, client];
}

function layersOf(archive: string): string[] {
  const [{ Layers }] = JSON.parse(readFileSync(path.join(archive, 'manifest.json'), 'utf8')) as [{ Layers: string[] }];
  return Layers.map((layer) => path.join(archive, layer));
}
