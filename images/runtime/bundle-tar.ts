import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { zstdDecompress } from '../../common/zstd-decompress.ts';
import type { Bundle } from './config.ts';
import { download } from './download.ts';

export interface BundleTarOptions {
  bundle: Bundle;
  /** HOST:PORT of the store. */
  store: string;
  /** Tar's; the archive is its standard input. */
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Each piece of the bundle as the store has it, compressed. */
  onPiece?: (piece: Buffer) => void;
  onOutput?: (chunk: Buffer) => void;
}

export interface Ended {
  code: number | null;
  /** The end of what it wrote to its standard error, in one line. */
  said: string;
}

/**
 * Runs `tar` on a bundle while it comes from the store. Throws when it could not be read to its end. In a process of its own that took less of time and of this process's CPU than
 * npm's tar-stream and a reader of our own, while the handler's interpreter boots beside it on few cores.
 */
export async function bundleTar({ bundle, store, args, env, onPiece, onOutput }: BundleTarOptions): Promise<Ended> {
  const tar = spawn('tar', [...args, '-f', '-'], {
    stdio: ['pipe', onOutput ? 'pipe' : 'ignore', 'pipe'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
  });
  let said = '';
  tar.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-500);
  });
  if (onOutput) tar.stdout?.on('data', onOutput);
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.on('error', reject);
    tar.on('close', resolve);
  });
  // Told by `await ended` below, unless the pipeline has failed first.
  ended.catch(() => undefined);
  const decompress = zstdDecompress();
  let broke: Error | undefined;
  download(bundle, store, decompress, onPiece ?? (() => undefined)).catch((error: Error) => {
    broke = error;
    decompress.destroy(error);
  });
  try {
    await pipeline(decompress, tar.stdin as NodeJS.WritableStream);
  } catch (error) {
    tar.kill('SIGKILL');
    await ended.catch(() => undefined);
    // A tar that cannot go on closes its end, which is only how that shows here.
    throw broke ?? new Error(said === '' ? (error as Error).message : oneLine(said));
  }
  return { code: await ended, said: oneLine(said) };
}

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, '; ');
