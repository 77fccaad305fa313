import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { exec } from '../exec.ts';
import { addresses } from '../native/addresses.ts';
import { files } from '../native/files.ts';
import { runs } from '../native/processes.ts';
import { readState, updateState } from '../native/state.ts';
import { startTicks } from '../process-identity.ts';
import { waitFor } from '../wait.ts';
import { Routes } from './rewrite.ts';

const NAME = 'registries';

/** A variable of the containers that build. */
interface Variable {
  name: string;
  value: string;
}

/** Sees to it that the native cluster's pods reach the registries that this machine uses, and says how: values for the chart's builds.env. */
export async function registriesForPods(): Promise<Variable[]> {
  const { host, registriesPort: port } = addresses;
  const [pip, npm] = await Promise.all([pipIndex(), npmRegistry()]);
  const known = [pip, npm].filter((registry) => registry !== undefined);
  await ensure(host, port, known);
  const routes = new Routes(`http://${host}:${port}`, known);
  return [
    ...(pip === undefined ? [] : [{ name: 'PIP_INDEX_URL', value: routes.here(pip) }]),
    ...(pip === undefined ? [] : [{ name: 'PIP_TRUSTED_HOST', value: host }]),
    ...(npm === undefined ? [] : [{ name: 'npm_config_registry', value: routes.here(npm) }]),
  ];
}

async function ensure(host: string, port: number, registries: readonly string[]): Promise<void> {
  const running = readState()?.helpers?.find(({ name }) => name === NAME);
  if ((running && runs(running)) || (await answers(host, port))) return;
  mkdirSync(files.logs, { recursive: true });
  const log = openSync(join(files.logs, `${NAME}.log`), 'a');
  const command = [process.execPath, join(import.meta.dirname, 'server.ts'), host, String(port), ...registries];
  const child = spawn(command[0] as string, command.slice(1), {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env: environment(),
  });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  const ticks = child.pid === undefined ? undefined : startTicks(child.pid);
  if (child.pid === undefined || ticks === undefined) throw new Error('the way to package registries did not start');
  const others = (readState()?.helpers ?? []).filter(({ name }) => name !== NAME);
  updateState({ helpers: [...others, { name: NAME, pid: child.pid, startTicks: ticks, command }] });
  await waitFor('the way to package registries', 10_000, () => answers(host, port), 50);
}

/** Node trusts the certificates, and uses the proxy, that this machine does. */
function environment(): NodeJS.ProcessEnv {
  const bundle = [process.env['SSL_CERT_FILE'], '/etc/ssl/certs/ca-certificates.crt'].find((path) => path && existsSync(path));
  return { ...process.env, NODE_USE_ENV_PROXY: '1', ...(bundle && { NODE_EXTRA_CA_CERTS: bundle }) };
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const req = get({ host, port, path: '/healthz', timeout: 1000 }, (res) => {
      res.resume();
      resolve(res.statusCode === 200);
    });
    req.on('timeout', () => req.destroy());
    req.on('error', () => resolve(false));
  });
}

/** As pip itself is set, or has it built in: no registry's address is written down here. */
async function pipIndex(): Promise<string | undefined> {
  const set = (await exec('pip', ['config', 'get', 'global.index-url']).catch(() => '')).trim() || process.env['PIP_INDEX_URL'];
  if (set) return set;
  const builtIn = await exec('python3', ['-c', 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)']).catch(() => '');
  return builtIn.trim() || undefined;
}

async function npmRegistry(): Promise<string | undefined> {
  return (await exec('npm', ['config', 'get', 'registry']).catch(() => '')).trim() || undefined;
}

if (import.meta.main) console.log(JSON.stringify(await registriesForPods()));
