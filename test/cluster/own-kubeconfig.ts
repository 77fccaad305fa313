import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { runDir } from './paths.ts';

/** Whether the file lies in our run folder, where the native and the kind cluster keep theirs. */
export function isOwnKubeconfig(file: string): boolean {
  const real = (path: string): string => {
    try {
      return realpathSync(path);
    } catch {
      return resolve(path);
    }
  };
  return real(file).startsWith(`${real(runDir)}/`);
}
