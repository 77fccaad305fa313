import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GitSource } from '../../common/api/code.ts';
import { FACTS_FILE } from '../fetch.ts';
import { Fetching } from '../testing/config.ts';
import { GitServer } from '../testing/git-server.ts';
import { SshServer } from '../testing/ssh-server.ts';

const PASSWORD = 'p@ss/w:rd %';

describe('a Git repository', () => {
  const folder = mkdtempSync(join(tmpdir(), 'git-test-'));
  const clone = join(folder, 'clone');
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], { env, encoding: 'utf8' }).trim();
  const commit = (message: string): string => {
    git('add', '--all');
    git('commit', '--quiet', '--message', message);
    return git('rev-parse', 'HEAD');
  };
  let server: GitServer;
  let first = '';
  let middle = '';
  let main = '';
  let slashed = '';
  let fetching: Fetching;

  beforeAll(async () => {
    mkdirSync(join(clone, 'services/greet'), { recursive: true });
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', clone], { env });
    writeFileSync(join(clone, 'app.py'), 'first');
    first = commit('first');
    git('tag', '--annotate', 'v1', '--message', 'one');
    writeFileSync(join(clone, 'app.py'), 'middle');
    middle = commit('middle');
    writeFileSync(join(clone, 'app.py'), 'second');
    writeFileSync(join(clone, 'bootstrap'), '#!/bin/sh');
    chmodSync(join(clone, 'bootstrap'), 0o755);
    writeFileSync(join(clone, 'services/greet/greet.py'), 'greet');
    symlinkSync('greet.py', join(clone, 'services/greet/link.py'));
    // A release would be without greet.py, and with the commit filled in.
    writeFileSync(join(clone, '.gitattributes'), 'greet.py export-ignore\nversion export-subst\n');
    writeFileSync(join(clone, 'version'), '$Format:%H$');
    main = commit('second');
    git('checkout', '--quiet', '-b', 'feature/x');
    writeFileSync(join(clone, 'more.py'), '');
    slashed = commit('more');
    git('checkout', '--quiet', '-b', 'links');
    symlinkSync('../../app.py', join(clone, 'services/greet/up'));
    commit('a link that leads out of its folder');
    git('checkout', '--quiet', 'main');
    execFileSync('git', ['clone', '--quiet', '--bare', clone, join(folder, 'repo.git')], { env });
    server = await GitServer.start(folder, 'me', PASSWORD);
  });
  afterAll(() => {
    server.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    fetching = new Fetching();
  });
  afterEach(() => rmSync(fetching.workDir, { recursive: true }));

  const source = (more: Partial<GitSource> = {}): { git: GitSource } => ({ git: { url: `http://${server.address}/repo.git`, ...more } });
  const inPrivate = (): { git: GitSource } => source({ url: `http://${server.address}/private/repo.git` });
  const leftInScratch = (): string[] => readdirSync(fetching.scratchDir);
  const code = (name: string): string => readFileSync(join(fetching.codeDir, name), 'utf8');
  const fetched = (): unknown => JSON.parse(readFileSync(join(fetching.workDir, FACTS_FILE), 'utf8'));

  it('is fetched as it is committed: modes, links, and nothing left out for releases', async () => {
    expect(await fetching.run(source())).toBe(6);
    expect(fetched()).toEqual({ commit: main });
    expect(code('app.py')).toBe('second');
    expect(code('version')).toBe('$Format:%H$');
    expect(lstatSync(join(fetching.codeDir, 'bootstrap')).mode & 0o777).toBe(0o755);
    expect(readlinkSync(join(fetching.codeDir, 'services/greet/link.py'))).toBe('greet.py');
    // Neither the repository nor anything else is left.
    expect(readdirSync(fetching.workDir).sort()).toEqual(['code', 'facts.json', 'home']);
  });

  it.each([
    ['a tag', () => 'v1', () => first, 'first'],
    ['a full tag', () => 'refs/tags/v1', () => first, 'first'],
    ['a branch', () => 'main', () => main, 'second'],
    ['a branch with a slash', () => 'feature/x', () => slashed, 'second'],
    ['a commit that is no branch’s last', () => middle, () => middle, 'middle'],
  ])('is fetched at %s', async (_what, ref, expected, content) => {
    await fetching.run(source({ ref: ref() }));
    expect(fetched()).toEqual({ commit: expected() });
    expect(code('app.py')).toBe(content);
  });

  it('is fetched at a commit that the server does not hand out by itself', async () => {
    // By protocol 0 it hands out only what a branch or tag points at, so it is asked for everything.
    const old = `http://${server.address}/old/repo.git`;
    await fetching.run(source({ url: old, ref: middle }));
    expect(fetched()).toEqual({ commit: middle });
    expect(await fetching.failure(source({ url: old, ref: 'f'.repeat(40) }))).toBe('SourceNotFound');
  });

  it('gives a folder of it', async () => {
    await fetching.run(source({ path: 'services/greet/' }));
    expect(readdirSync(fetching.codeDir).sort()).toEqual(['greet.py', 'link.py']);
  });

  it.each([
    [{ path: 'services/other' }, 'PathNotFound'],
    [{ path: 'app.py' }, 'PathNotFound'],
    [{ path: '../..' }, 'UnsafePath'],
    [{ ref: 'links', path: 'services/greet' }, 'UnsafeLink'],
    [{ ref: 'nowhere' }, 'SourceNotFound'],
    [{ ref: 'f'.repeat(40) }, 'SourceNotFound'],
    [{ ref: '--upload-pack=touch' }, 'BadSource'],
    [{ ref: 'main:refs/heads/x' }, 'BadSource'],
  ] as const)('with %j ends with %s', async (more, expected) => {
    expect(await fetching.failure(source(more))).toBe(expected);
    expect(fetching.failures).toEqual([]);
  });

  it.each([
    ['/missing.git', 'SourceNotFound'],
    ['/private/repo.git', 'SourceRefused'],
  ] as const)('at %s ends with %s', async (path, expected) => {
    expect(await fetching.failure(source({ url: `http://${server.address}${path}` }))).toBe(expected);
  });

  it('is tried again where no server is, and never taken from this machine', async () => {
    expect(await fetching.failure(source({ url: 'http://127.0.0.1:1/repo.git' }))).toBe('SourceUnavailable');
    expect(fetching.failures).toHaveLength(3);
    expect(
      await fetching.failure(source({ url: `file://${folder}/repo.git` }), fetching.secret({ 'ssh-privatekey': '', known_hosts: '' })),
    ).toBe('SourceRefused');
  });

  it('is fetched with the Secret’s user and password, which are nowhere afterwards', async () => {
    await fetching.run(inPrivate(), fetching.secret({ username: 'me', password: `${PASSWORD}\n` }));
    expect(fetched()).toEqual({ commit: main });
    expect(leftInScratch()).toEqual([]);
  });

  it('is refused with another password, and not asked for without one', async () => {
    expect(await fetching.failure(inPrivate(), fetching.secret({ username: 'me', password: 'wrong' }))).toBe('SourceRefused');
    expect(await fetching.failure(inPrivate(), fetching.secret({ other: '' }))).toBe('CredentialsMissing');
  });

  it('larger than the limit is refused while it comes', async () => {
    expect(await fetching.failure(source(), {}, { maxUnpackedBytes: 20 })).toBe('TooLarge');
  });

  describe('over ssh', () => {
    let ssh: SshServer;
    beforeAll(async () => {
      ssh = await SshServer.start(folder);
    });
    afterAll(() => ssh.stop());
    const overSsh = (): { git: GitSource } => source({ url: `${ssh.url}/repo.git`, ref: 'v1' });

    it('is fetched with the Secret’s key from a host that is known, and the key is nowhere afterwards', async () => {
      // Without the line's end, which copying a key so easily loses.
      await fetching.run(overSsh(), fetching.secret({ 'ssh-privatekey': ssh.privateKey.trimEnd(), known_hosts: ssh.knownHosts }));
      expect(fetched()).toEqual({ commit: first });
      expect(leftInScratch()).toEqual([]);
    });

    it('is refused with another key, and not asked for from a host that is not known', async () => {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(fetching.workDir, 'other')]);
      const other = readFileSync(join(fetching.workDir, 'other'), 'utf8');
      const known_hosts = ssh.knownHosts;
      expect(await fetching.failure(overSsh(), fetching.secret({ 'ssh-privatekey': other, known_hosts }))).toBe('SourceRefused');
      const elsewhere = known_hosts.replace('127.0.0.1', 'example.com');
      const secret = fetching.secret({ 'ssh-privatekey': ssh.privateKey, known_hosts: elsewhere });
      expect(await fetching.failure(overSsh(), secret)).toBe('SourceRefused');
      expect(fetching.failures).toEqual([]);
    });

    it('needs a key and known hosts', async () => {
      expect(await fetching.failure(overSsh())).toBe('CredentialsMissing');
      expect(await fetching.failure(overSsh(), fetching.secret({ 'ssh-privatekey': ssh.privateKey }))).toBe('CredentialsMissing');
    });

    it('is tried again where no server is', async () => {
      const secret = fetching.secret({ 'ssh-privatekey': ssh.privateKey, known_hosts: ssh.knownHosts });
      expect(await fetching.failure(source({ url: 'ssh://git@127.0.0.1:1/repo.git' }), secret)).toBe('SourceUnavailable');
    });
  });
});
