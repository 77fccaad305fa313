import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = 100;
const CONTENT = Buffer.alloc(10_000, 1);
/** Deleted files add up: on an ext4 without a journal it was the fourth time that took longest, when the 8,192 inodes of a group had been used up. */
const TIMES = 4;

export interface DiskTimes {
  /** Milliseconds to make the files where none were deleted. */
  fresh: number;
  /** Milliseconds, the last of four times that as many had just been deleted. */
  afterDeletion: number;
}

/**
 * What the disk itself takes for a bundle's files, without Lull, Kubernetes, network or zstd: the part of a wake that nothing in a pod can save. A filesystem that is slow
 * after a deletion is so for every wake that follows a pod's end.
 * @param parent a folder on the disk that is asked about; what is made in it is removed
 */
export function diskTimes(parent: string, files: number): DiskTimes {
  const root = mkdtempSync(join(parent, 'bench-disk-'));
  try {
    const fresh = make(join(root, 'fresh'), files);
    let afterDeletion = fresh;
    for (let i = 0; i < TIMES; i += 1) {
      const made = join(root, i === 0 ? 'fresh' : `${i}`);
      rmSync(made, { recursive: true });
      afterDeletion = make(join(root, `${i + 1}`), files);
    }
    return { fresh, afterDeletion };
  } finally {
    rmSync(root, { recursive: true });
  }
}

function make(root: string, files: number): number {
  const began = performance.now();
  for (let i = 0; i < FOLDERS; i += 1) mkdirSync(join(root, `package${i}`), { recursive: true });
  for (let i = 0; i < files; i += 1) writeFileSync(join(root, `package${i % FOLDERS}`, `module${i}.txt`), CONTENT);
  return performance.now() - began;
}
