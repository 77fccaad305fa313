import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { exec, succeeds } from '../exec.ts';
import { step } from '../log.ts';
import { binDir } from '../paths.ts';
import { versions } from '../versions.ts';

const toolsDir = join(import.meta.dirname, 'tools');
const kubernetes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet'];

/** Builds what the cache lacks. Minutes, once; nothing afterwards. */
export async function buildBinaries(): Promise<void> {
  await build(binDir.kubernetes, kubernetes, (out) => buildKubernetes(out, kubernetes));
  await build(binDir.coredns, ['coredns'], (out) => install(out, `github.com/coredns/coredns@v${versions.coredns}`));
  if (!(await succeeds('kubectl', ['version', '--client'])) && !existsSync(join(binDir.kubernetes, 'kubectl'))) {
    await buildKubernetes(binDir.kubernetes, ['kubectl']);
  }
}

/** Only the chart needs it, so `up` does not wait for it. */
export async function buildHelm(): Promise<string> {
  await build(binDir.helm, ['helm'], (out) => install(out, `helm.sh/helm/v3/cmd/helm@v${versions.helm}`));
  return join(binDir.helm, 'helm');
}

/** In a folder beside the final one and renamed at the end: a build that was cut off is never taken for a finished one. */
async function build(folder: string, names: readonly string[], make: (out: string) => Promise<void>): Promise<void> {
  if (names.every((name) => existsSync(join(folder, name)))) return;
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
  try {
    await make(temporary);
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function buildKubernetes(out: string, commands: readonly string[]): Promise<void> {
  const [major, minor] = versions.kubernetes.split('.');
  const stamp = 'k8s.io/component-base/version';
  const flags = `-s -w -X ${stamp}.gitVersion=v${versions.kubernetes} -X ${stamp}.gitMajor=${major} -X ${stamp}.gitMinor=${minor}`;
  const packages = commands.map((command) => `k8s.io/kubernetes/cmd/${command}`);
  return go(`Kubernetes ${versions.kubernetes}`, ['build', '-v', '-trimpath', '-ldflags', flags, '-o', `${out}/`, ...packages], {});
}

function install(out: string, module: string): Promise<void> {
  return go(module, ['install', '-v', '-trimpath', '-ldflags', '-s -w', module], { GOBIN: out });
}

async function go(what: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const started = performance.now();
  let lines = 0;
  let last = '';
  const report = setInterval(() => {
    step(`building ${what}: ${Math.round((performance.now() - started) / 1000)} s, ${lines} packages, now ${last}`);
  }, 5000);
  try {
    step(`building ${what} (once; kept in the cache)`);
    await exec('go', args, {
      cwd: toolsDir,
      env: { ...process.env, CGO_ENABLED: '0', ...env },
      onStderr: (line) => {
        lines += 1;
        last = line.slice(0, 80);
      },
    });
  } finally {
    clearInterval(report);
  }
}
