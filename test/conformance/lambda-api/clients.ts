import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir, repoDir } from '../../cluster/paths.ts';

const exec = promisify(execFile);
const here = import.meta.dirname;

/** One of AWS's clients, as a program that runs the table. */
export interface Client {
  name: string;
  command: readonly string[];
  cwd: string;
}

/** Installed by their own pinned lists into the cache, once for each state of those. */
export async function pythonClient(): Promise<Client> {
  const dir = await once('python', ['requirements.txt'], async (into) => {
    await exec('python3', ['-m', 'venv', join(into, 'venv')]);
    await exec(join(into, 'venv/bin/pip'), ['install', '-q', '--disable-pip-version-check', '-r', join(into, 'requirements.txt')]);
  });
  return {
    name: pinned('requirements.txt', /^(boto3)==(\S+)$/m),
    command: [join(dir, 'venv/bin/python'), join(here, 'client.py')],
    cwd: dir,
  };
}

export async function nodeClient(): Promise<Client> {
  const dir = await once('node', ['package.json', 'package-lock.json'], async (into) => {
    await exec(process.execPath, [join(repoDir, 'node_modules/npm/bin/npm-cli.js'), 'ci', '--no-fund', '--no-audit'], { cwd: into });
  });
  // A module is looked for from where the program is: it goes beside what was installed.
  cpSync(join(here, 'client.mjs'), join(dir, 'client.mjs'));
  return { name: pinned('package.json', /"(@aws-sdk\/client-lambda)": "([^"]+)"/), command: [process.execPath, 'client.mjs'], cwd: dir };
}

export async function goClient(): Promise<Client> {
  const dir = await once('go', ['go/go.mod', 'go/go.sum', 'go/main.go'], async (into) => {
    await exec('go', ['build', '-trimpath', '-o', join(into, 'client'), '.'], {
      cwd: join(into, 'go'),
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
    });
  });
  return { name: `aws-sdk-go-v2 ${pinned('go/go.mod', /(service\/lambda) (v\S+)/)}`, command: [join(dir, 'client')], cwd: dir };
}

/** Runs the program with `input` as JSON on its stdin; what it printed, line by line, as JSON. */
export function runClient<T>(client: Client, input: unknown, env: Record<string, string> = {}): Promise<T[]> {
  const [file = '', ...args] = client.command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: client.cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0)
        resolve(
          out
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line) as T),
        );
      else reject(new Error(`${client.name} ended with ${code}: ${err.slice(-2000)}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(input));
  });
}

/** A folder of the cache that `install` has filled from these files; made anew when one of them is another, or it was not finished. */
async function once(name: string, files: readonly string[], install: (into: string) => Promise<unknown>): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(here, file)));
  const dir = join(cacheDir, `lambda-clients-${name}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(join(dir, 'ready'))) return dir;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const file of files) cpSync(join(here, file), join(dir, file), { recursive: true });
  await install(dir);
  writeFileSync(join(dir, 'ready'), '');
  return dir;
}

function pinned(file: string, pattern: RegExp): string {
  const [, name, version] = pattern.exec(readFileSync(join(here, file), 'utf8')) ?? [];
  return `${name} ${version}`;
}
