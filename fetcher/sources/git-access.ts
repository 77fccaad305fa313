import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FetchError } from '../errors.ts';
import type { Credentials } from './credentials.ts';
import { trustedFile } from './trust.ts';

/** A transfer slower than this for so long is given up, and tried again. */
const SLOW = { bytesPerSecond: '1000', seconds: '60' };

/**
 * Git's environment for a repository: nothing of the machine's own settings, no questions, only the transports that a source may name, and the credentials in files, never
 * on a command line.
 * @param caFile authorities to be trusted; the usual ones when undefined
 * @param scratch a folder that is deleted when git has ended
 */
export async function gitEnv(
  url: string,
  credentials: Credentials,
  caFile: string | undefined,
  scratch: string,
  base: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  const trust = join(scratch, 'ca.crt');
  if (caFile !== undefined) await trustedFile(caFile, trust);
  const overHttp = /^https?:\/\//.test(url);
  return {
    ...base,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_ALLOW_PROTOCOL: 'http:https:ssh',
    ...(caFile !== undefined && { GIT_SSL_CAINFO: trust }),
    ...(overHttp
      ? configured([
          ['http.lowSpeedLimit', SLOW.bytesPerSecond],
          ['http.lowSpeedTime', SLOW.seconds],
          ...(await basicAuth(url, credentials, scratch)),
        ])
      : { GIT_SSH_COMMAND: await sshCommand(credentials, scratch) }),
  };
}

function configured(settings: readonly (readonly [string, string])[]): NodeJS.ProcessEnv {
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ]);
}

/** By Git's own helper, which hands them to this scheme and host and, after a redirection, to no other. */
async function basicAuth(url: string, credentials: Credentials, scratch: string): Promise<[string, string][]> {
  const basic = await credentials.require('the keys username and password (type kubernetes.io/basic-auth)', () => credentials.basic());
  if (basic === undefined) return [];
  const { protocol, host } = new URL(url);
  // A token alone will do for most servers, but not an empty name beside it.
  const [username, password] = [basic.username.trim() || 'git', basic.password.replace(/\r?\n$/, '')].map(encodeURIComponent);
  const file = join(scratch, 'git-credentials');
  await writeFile(file, `${protocol}//${username}:${password}@${host}\n`, { mode: 0o600 });
  return [['credential.helper', `store --file=${file}`]];
}

async function sshCommand(credentials: Credentials, scratch: string): Promise<string> {
  const expected = 'the keys ssh-privatekey and known_hosts (type kubernetes.io/ssh-auth)';
  const keys = await credentials.require(expected, async () => {
    const [key, hosts] = await Promise.all([credentials.read('ssh-privatekey'), credentials.read('known_hosts')]);
    return key === undefined || hosts === undefined ? undefined : { key, hosts };
  });
  if (keys === undefined) throw new FetchError('CredentialsMissing', `git.credentialsSecret is not given, and ssh needs ${expected}`);
  const [keyFile, hostsFile] = [join(scratch, 'ssh-key'), join(scratch, 'known-hosts')];
  // ssh takes no key that others can read, and none without a line's end.
  await writeFile(keyFile, `${keys.key.trimEnd()}\n`, { mode: 0o600 });
  await writeFile(hostsFile, keys.hosts, { mode: 0o600 });
  const options = ['IdentitiesOnly=yes', `UserKnownHostsFile=${hostsFile}`, 'GlobalKnownHostsFile=none', 'StrictHostKeyChecking=yes'];
  options.push('BatchMode=yes', 'ConnectTimeout=10', 'ServerAliveInterval=15');
  return ['ssh', '-F', 'none', '-i', keyFile, ...options.flatMap((option) => ['-o', option])].join(' ');
}
