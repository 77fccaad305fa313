import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { versions } from './versions.ts';

/** The checkout. */
export const repoDir = resolve(import.meta.dirname, '../..');

/** Outlives the checkout, so that a fresh clone does not build Kubernetes again. */
export const cacheDir = process.env['LULL_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lull');

/** Built once, read by everybody: one folder a version. */
export const binDir = {
  kubernetes: join(cacheDir, 'bin', `kubernetes-${versions.kubernetes}`),
  helm: join(cacheDir, 'bin', `helm-${versions.helm}`),
  coredns: join(cacheDir, 'bin', `coredns-${versions.coredns}`),
} as const;

/** Everything that belongs to the cluster that runs now; gone after `down`. */
export const runDir = join(cacheDir, 'run');

/** Archives of built images, by name. */
export const imageDir = join(cacheDir, 'images');
