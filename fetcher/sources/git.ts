import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { GitSource } from '../../common/api/code.ts';
import type { FetchConfig } from '../config.ts';
import { FetchError, type FetchErrorCode } from '../errors.ts';
import { type Retry, retrying } from '../retry.ts';
import { HEADER_BYTES } from '../unpack/archive.ts';
import { partsOf } from '../unpack/names.ts';
import type { Tree } from '../unpack/tree.ts';
import { untar } from '../unpack/untar.ts';
import { Credentials } from './credentials.ts';
import { gitEnv } from './git-access.ts';
import { run, ToolError } from './tool.ts';
import { isUntrusted } from './trust.ts';

const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
/** What is asked for must be a name: no option, no range, no refspec. */
const REF = /^[A-Za-z0-9_][A-Za-z0-9._/-]*$/;

/**
 * Fetches one commit of a repository and unpacks a folder of it; returns the commit. Submodules and large files (LFS) are not followed: of the first there is an empty folder, of
 * the others their pointers.
 */
export async function fetchGit(source: GitSource, tree: Tree, config: FetchConfig, retry: Retry): Promise<string> {
  const { url, ref = 'HEAD', path = '' } = source;
  if (!REF.test(ref) || ref.includes('..')) throw new FetchError('BadSource', `git.ref ${ref} is no branch, tag or commit`);
  const folder = partsOf(path).join('/');
  const scratch = await mkdtemp(join(config.scratchDir, 'git-'));
  const repository = join(config.workDir, 'repository');
  try {
    const env = await gitEnv(url, new Credentials(config.credentialsDir), config.caFile, scratch, config.toolEnv);
    const git = async (...args: string[]): Promise<string> =>
      (await run('git', ['--git-dir', repository, ...args], env)).toString('utf8').trim();
    await rm(repository, { recursive: true, force: true });
    await run('git', ['init', '--quiet', '--bare', '--template=', repository], env);
    const commit = await retrying(() => fetchCommit(git, url, ref), retry);
    await unpack(repository, commit, folder, git, env, tree, config.maxUnpackedBytes);
    return commit;
  } finally {
    await rm(scratch, { recursive: true });
    await rm(repository, { recursive: true, force: true });
  }
}

type Git = (...args: string[]) => Promise<string>;

async function fetchCommit(git: Git, url: string, ref: string): Promise<string> {
  const fetch = ['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
  try {
    try {
      await git(...fetch, '--depth=1', '--', url, `+${ref}:refs/lull/wanted`);
    } catch (error) {
      if (!COMMIT.test(ref) || !/not our ref|unadvertised object/.test((error as ToolError).said ?? '')) throw error;
      // A server that hands out only what a branch or tag points at: then all of them, with their history.
      await git(...fetch, '--', url, '+refs/heads/*:refs/lull/heads/*', '+refs/tags/*:refs/lull/tags/*');
      await git('update-ref', 'refs/lull/wanted', ref).catch(() => {
        throw new FetchError('SourceNotFound', `no branch or tag of ${url} has the commit ${ref}`);
      });
    }
    return await git('rev-parse', '--verify', 'refs/lull/wanted^{commit}');
  } catch (error) {
    throw error instanceof ToolError ? new FetchError(codeOf(error.said), error.message, error) : error;
  }
}

function codeOf(said: string): FetchErrorCode {
  if (isUntrusted(said)) return 'SourceUntrusted';
  if (/find remote ref|not our ref|repository .* not found|returned error: (404|410)|not appear to be a git repository/i.test(said))
    return 'SourceNotFound';
  const refused =
    /Authentication failed|could not read (Username|Password)|Permission denied|Host key verification|returned error: 40[13]|Load key|transport .* not allowed/i;
  return refused.test(said) ? 'SourceRefused' : 'SourceUnavailable';
}

/** Streamed, and not checked out: so a repository is held to the same limits and refusals as an archive, before it is on the disk. */
async function unpack(
  repository: string,
  commit: string,
  folder: string,
  git: Git,
  env: NodeJS.ProcessEnv,
  tree: Tree,
  maxBytes: number,
): Promise<void> {
  const treeish = folder === '' ? commit : `${commit}:${folder}`;
  const kind = await git('cat-file', '-t', treeish).catch(() => 'missing');
  if (folder !== '' && kind !== 'tree')
    throw new FetchError('PathNotFound', `${folder} is ${kind === 'blob' ? 'a file' : 'missing'} in ${commit}`);
  // An archive would leave out, or fill in, what the repository's own .gitattributes say for releases.
  await mkdir(join(repository, 'info'), { recursive: true });
  await writeFile(join(repository, 'info/attributes'), '* -export-ignore -export-subst\n');
  const archive = spawn('git', ['--git-dir', repository, 'archive', '--format=tar', treeish], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => archive.on('close', resolve).on('error', reject));
  ended.catch(() => undefined);
  let said = '';
  archive.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-1000);
  });
  try {
    await untar(archive.stdout, new PassThrough(), tree, { maxTarBytes: maxBytes + HEADER_BYTES });
  } catch (error) {
    archive.kill();
    await ended.catch(() => undefined);
    throw error;
  }
  const code = await ended;
  if (code !== 0) throw new FetchError('Internal', `git archive ended with exit code ${code}: ${said.trim()}`);
}
