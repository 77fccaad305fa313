import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { exec } from '../test/cluster/exec.ts';
import { cacheDir } from '../test/cluster/paths.ts';

const inside = '/run/lull-build';
const folder = join(cacheDir, 'build-settings');

/**
 * How this machine reaches package registries, as volumes for RUN steps: they exist while an image is built and leave nothing in it.
 * A registry's address so stays a setting of the machine and is never written into a Dockerfile.
 */
export async function hostVolumes(suite: string): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const bundle = [process.env['SSL_CERT_FILE'], '/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'].find(
    (path) => path && existsSync(path),
  );
  const ca = bundle ? `${inside}/ca.crt` : undefined;
  if (bundle) save('ca.crt', readFileSync(bundle, 'utf8'));
  save(`${suite}.sources`, await debianSources(suite));
  save('apt.conf', await aptSettings(ca));
  save('pip.conf', await pipSettings(ca));
  save('npmrc', await npmSettings(ca));
  saveMaven();
  return [
    `${folder}:${inside}:ro`,
    `${join(folder, `${suite}.sources`)}:/etc/apt/sources.list.d/debian.sources:ro`,
    `${join(folder, 'apt.conf')}:/etc/apt/apt.conf:ro`,
    `${join(folder, 'pip.conf')}:/etc/pip.conf:ro`,
    `${join(folder, 'npmrc')}:/root/.npmrc:ro`,
    `${join(folder, 'mavenrc')}:/etc/mavenrc:ro`,
  ];
}

function save(name: string, text: string): void {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
}

/** Java keeps trusted certificates in a file of its own kind; the machine's is taken where it has one. */
function saveMaven(): void {
  const store = '/etc/ssl/certs/java/cacerts';
  const found = existsSync(store);
  if (found) copyFileSync(store, join(folder, 'cacerts'));
  save('mavenrc', found ? `MAVEN_OPTS="$MAVEN_OPTS -Djavax.net.ssl.trustStore=${inside}/cacerts"\n` : '');
}

/** The mirrors of a suite, by those of bookworm that this machine's own apt uses: [address, suite, components]. */
export async function debianMirrors(base: string): Promise<readonly (readonly [string, string, string])[]> {
  const targets = await exec('apt-get', ['indextargets', '--format', '$(REPO_URI) $(CODENAME) $(COMPONENT)', 'Created-By: Packages']);
  const mirrors = new Map<string, Set<string>>();
  for (const line of new Set(targets.trim().split('\n'))) {
    const [uri = '', suite = '', component = ''] = line.split(' ');
    if (!/^bookworm(-|$)/.test(suite) || !['main', 'contrib', 'non-free', 'non-free-firmware'].includes(component)) continue;
    const key = `${uri} ${suite.replace('bookworm', base)}`;
    mirrors.set(key, (mirrors.get(key) ?? new Set()).add(component));
  }
  return [...mirrors].map(([key, components]) => {
    const [uri = '', suite = ''] = key.split(' ');
    return [uri, suite, [...components].join(' ')] as const;
  });
}

async function debianSources(suite: string): Promise<string> {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  return (await debianMirrors(suite))
    .map(([uri, name, components]) => `Types: deb\nURIs: ${uri}\nSuites: ${name}\nComponents: ${components}\nSigned-By: ${keyring}\n`)
    .join('\n');
}

/** Proxies, timeouts and checks; not the hooks and folders, which are the machine's own business. */
async function aptSettings(ca: string | undefined): Promise<string> {
  const lines = (await exec('apt-config', ['dump'])).split('\n').filter((line) => /^Acquire::(https?::|Check-|Retries|Max-)/i.test(line));
  if (ca) lines.push(`Acquire::https::CaInfo "${ca}";`);
  return `${lines.join('\n')}\n`;
}

async function pipSettings(ca: string | undefined): Promise<string> {
  const listed = await exec('pip', ['config', 'list']).catch(() => '');
  const lines = [...listed.matchAll(/^(?:global|:env:)\.(index-url|extra-index-url|trusted-host|proxy|timeout)='(.*)'$/gm)].map(
    ([, key, value]) => `${key} = ${value}`,
  );
  if (ca) lines.push(`cert = ${ca}`);
  return `[global]\n${lines.join('\n')}\n`;
}

/** The user's own file holds what a private registry needs; nodedir names headers that an image does not have. */
async function npmSettings(ca: string | undefined): Promise<string> {
  const own = join(homedir(), '.npmrc');
  const lines = (existsSync(own) ? readFileSync(own, 'utf8') : '')
    .split('\n')
    .filter((line) => !/^\s*(nodedir|cafile|registry)\s*=/.test(line));
  lines.push(`registry=${(await exec('npm', ['config', 'get', 'registry'])).trim()}`);
  if (ca) lines.push(`cafile=${ca}`);
  return `${lines.join('\n')}\n`;
}
