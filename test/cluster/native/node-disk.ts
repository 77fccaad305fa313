import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../exec.ts';
import { step } from '../log.ts';
import { runDir } from '../paths.ts';

/** Sparse: it takes what is written. */
const BYTES = 40 * 2 ** 30;

/**
 * Gives containerd a disk as nodes have it. On an ext4 without a journal, which virtual machines for tests like to have, the kernel does not reuse inodes of deleted files for minutes and scans past each of
 * them: 50 MB of code in 2,006 files take 1.6 s after another pod's files were deleted, and 0.2 s with a journal (docs/adr/0014). Where `folder` lies on such a disk a file with a journalled ext4 is
 * mounted there; anywhere else nothing happens. `cleanUp` unmounts it, and the loop device goes with the mount.
 */
export async function mountNodeDisk(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (!isExt4WithoutJournal(folder)) return;
  const image = join(runDir, 'node-disk.img');
  writeFileSync(image, '');
  truncateSync(image, BYTES);
  try {
    await exec('mkfs.ext4', ['-q', '-F', '-m', '0', '-E', 'lazy_itable_init=1,lazy_journal_init=1,discard', image]);
    await exec('mount', ['-o', 'loop,noatime,discard', image, folder]);
    step('this disk has no journal: containerd has one of its own, which has');
  } catch (error) {
    step(`containerd stays on a disk without a journal, where code in many files is slow: ${(error as Error).message}`);
  }
}

function isExt4WithoutJournal(folder: string): boolean {
  const { dev } = statSync(folder);
  const device = `${dev >> 8}:${dev & 0xff}`;
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const fields = line.split(' ');
    const [type, source = ''] = fields.slice(fields.indexOf('-') + 1);
    if (fields[2] === device && type === 'ext4') return !journals().some((name) => name.startsWith(`${source.replace(/^.*\//, '')}-`));
  }
  return false;
}

/** DEVICE-INODE of each mounted ext4 that has one. */
function journals(): string[] {
  try {
    return readdirSync('/proc/fs/jbd2');
  } catch {
    return [];
  }
}
