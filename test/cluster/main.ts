import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from './exec.ts';
import { withLock } from './lock.ts';
import { step } from './log.ts';
import { startApiServer, stopApiServer } from './native/apiserver.ts';
import { imageDir } from './paths.ts';
import { type ClusterProvider, chooseProvider } from './provider.ts';

const usage = `usage: main.ts COMMAND
  up                     start a cluster, or find that it runs
  down                   remove everything that up made
  env                    print the export line for a shell
  load IMAGE…            put built images into the cluster: names, or archives
  status                 say what runs
  provider               print which of existing, kind and native it is
  apiserver stop|start   native only: take the API server away, and bring it back`;

async function main([command, ...args]: readonly string[]): Promise<void> {
  if (command === 'apiserver' && args[0] === 'stop') return stopApiServer();
  if (command === 'apiserver' && args[0] === 'start') return startApiServer();
  const provider = await chooseProvider();
  switch (command) {
    case 'up':
      return up(provider);
    case 'down':
      await withLock(() => provider.down());
      return step(`${provider.name} cluster is down`);
    case 'env':
      return env(provider);
    case 'load':
      return provider.loadImages(args.map(archiveOf));
    case 'provider':
      return console.log(provider.name);
    case 'status':
      return status(provider);
    default:
      process.exitCode = 2;
      console.error(usage);
  }
}

async function up(provider: ClusterProvider): Promise<void> {
  step(`cluster: ${provider.name}`);
  for (const limit of provider.unsupported) step(`not here: ${limit}`);
  await withLock(() => provider.up());
}

/** Nothing else on stdout, so that `eval "$(make -s env)"` works. */
async function env(provider: ClusterProvider): Promise<void> {
  const url = await provider.url('lull-system', 'lull-activator');
  console.log(`export KUBECONFIG=${provider.kubeconfig()}${url ? ` LULL_URL=${url}` : ''}`);
}

async function status(provider: ClusterProvider): Promise<void> {
  console.log(`provider    ${provider.name}\nkubeconfig  ${provider.kubeconfig()}`);
  console.log(await exec('kubectl', ['--kubeconfig', provider.kubeconfig(), 'get', 'nodes,pods', '-A', '-o', 'wide']));
}

function archiveOf(image: string): string {
  return existsSync(image) ? image : join(imageDir, `${image}.tar`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? `\n${error.cause.message}` : '';
  console.error(`${error instanceof Error ? error.message : String(error)}${cause}`);
  process.exitCode = 1;
}
