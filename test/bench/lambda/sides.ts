import { type ChildProcess, fork, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repoDir } from '../../cluster/paths.ts';
import { callAt } from '../../support/http.ts';
import { until } from '../../support/wait.ts';
import { cpuMicros, freePort, load, startActivator } from '../proxy/processes.ts';

/** AWS's client of a language, and the echo that it runs. */
export interface Client {
  name: string;
  command: readonly string[];
}

/** Microseconds of CPU an invocation, and invocations a second, in one round. */
export interface Sample {
  client: number;
  bridge: number;
  activator: number;
  rate: number;
}

/** One of the two that are compared. */
export interface Side {
  measure(seconds: number): Promise<Sample>;
  stop(): void;
}

const env = {
  _HANDLER: 'echo.handler',
  LAMBDA_TASK_ROOT: import.meta.dirname,
  AWS_LAMBDA_FUNCTION_NAME: 'echo',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
  AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/echo',
  AWS_LAMBDA_LOG_STREAM_NAME: 'bench',
};

/** AWS's client against a Runtime API and nothing else. */
export async function bareSide({ command }: Client): Promise<Side> {
  const server = fork(join(import.meta.dirname, 'bare.ts'));
  const { port } = await told<{ port: number }>(server);
  const [file, ...args] = command;
  const handler = spawn(file as string, args, {
    cwd: import.meta.dirname,
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], ...env, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` },
  });
  const answered = async (message: 'run' | 'pause'): Promise<number> => {
    server.send(message);
    return (await told<{ answered: number }>(server)).answered;
  };
  const side: Side = {
    measure: async (seconds) => {
      const before = await answered('run');
      const begun = performance.now();
      const cpu = cpuMicros(handler.pid as number);
      await sleep(seconds * 1000);
      const spent = cpuMicros(handler.pid as number) - cpu;
      const count = (await answered('pause')) - before;
      return { client: spent / count, bridge: 0, activator: 0, rate: count / ((performance.now() - begun) / 1000) };
    },
    stop: () => {
      handler.kill('SIGKILL');
      server.kill('SIGKILL');
    },
  };
  await until('the client answers', async () => (await side.measure(0.2)).rate > 0);
  return side;
}

/** The same client under the bridge, behind the activator, called by so many connections. */
export async function lullSide({ command }: Client, binary: string, connections: number): Promise<Side> {
  const [port, admin] = [await freePort(), await freePort()];
  const bridge = spawn(
    process.execPath,
    ['--max-semi-space-size=1', '--max-old-space-size=64', ...flags(), process.env['BRIDGE'] ?? join(repoDir, 'dist/bridge.cjs')],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        LULL_NAMESPACE: 'bench',
        LULL_FUNCTION: 'echo',
        LULL_REVISION: 'echo-1',
        LULL_POD: 'echo-1-pod',
        LULL_POD_IP: '127.0.0.1',
        LULL_ACTIVATOR: '127.0.0.1:1',
        LULL_TOKEN: 'token',
        LULL_PORT: String(port),
        LULL_ADMIN_PORT: String(admin),
        LULL_RUNTIME_API_PORT: '0',
        LULL_HANDLER: 'echo.handler',
        LULL_COMMAND: JSON.stringify(command),
        LULL_TASK_ROOT: import.meta.dirname,
      },
    },
  );
  const activator = await startActivator(0, {});
  await until('the handler is loaded', async () => (await callAt('127.0.0.1', admin, { path: '/readyz' })).status === 200);
  activator.add({ name: 'echo', port, concurrency: 1 });
  const handler = childOf(bridge.pid as number);
  const cpus = () => ({ client: cpuMicros(handler), bridge: cpuMicros(bridge.pid as number), activator: cpuMicros(activator.pid) });
  const options = { core: 1, port: activator.port, host: 'echo.bench', path: '/', connections };
  await load(binary, { ...options, seconds: 1 });
  return {
    measure: async (seconds) => {
      const before = cpus();
      const { requests, errors, seconds: took } = await load(binary, { ...options, seconds });
      const after = cpus();
      if (errors > 0) throw new Error(`${errors} of ${requests} requests failed`);
      const each = (of: keyof typeof before): number => (after[of] - before[of]) / requests;
      return { client: each('client'), bridge: each('bridge'), activator: each('activator'), rate: requests / took };
    },
    stop: () => {
      // Politely: a profile, where one is taken, is written at its end.
      bridge.kill('SIGTERM');
      activator.stop();
    },
  };
}

/** BRIDGE_FLAGS='--cpu-prof --cpu-prof-dir=/tmp' */
function flags(): string[] {
  return (process.env['BRIDGE_FLAGS'] ?? '').split(' ').filter(Boolean);
}

function childOf(pid: number): number {
  const children = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'));
  return Number(children.join(' ').trim().split(' ')[0]);
}

function told<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as T)));
}
