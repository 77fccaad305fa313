import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../cluster/exec.ts';
import { step } from '../cluster/log.ts';
import { cacheDir, repoDir } from '../cluster/paths.ts';
import { cached } from '../support/cached.ts';

const examples = join(repoDir, 'examples/lambda');

/** examples/lambda/go: a folder a handler, with its bootstrap in it. */
export function goHandlers(): Promise<string> {
  return cached('handlers-go', ['examples/lambda/go'], async (into) => {
    const built = join(into, '.built');
    // Static, and without the RPC of the go1.x runtime that is no more: as AWS's documentation builds for provided.al2023.
    await run(
      'go',
      ['build', '-v', '-trimpath', '-tags', 'lambda.norpc', '-ldflags', '-s -w', '-o', `${built}/`, './...'],
      join(examples, 'go'),
      {
        CGO_ENABLED: '0',
        GOFLAGS: '-mod=readonly',
      },
    );
    bootstraps(built, readdirSync(built), into);
    rmSync(built, { recursive: true });
  });
}

/** examples/lambda/rust, likewise. */
export function rustHandlers(): Promise<string> {
  return cached('handlers-rust', ['examples/lambda/rust'], async (into) => {
    // Kept, so that another handler does not compile 100 crates again.
    const target = join(cacheDir, 'cargo-target');
    const dir = join(examples, 'rust');
    await run('cargo', ['build', '--release', '--locked', '--target-dir', target], dir);
    const names = readdirSync(join(dir, 'src/bin')).map((file) => file.replace('.rs', ''));
    bootstraps(join(target, 'release'), names, into);
  });
}

/** examples/lambda/java as it goes into a zip: classes at the root, and lib/. */
export function javaHandlers(): Promise<string> {
  return cached('handlers-java', ['examples/lambda/java'], async (into) => {
    await maven('examples/lambda/java', into);
    cpSync(join(into, 'project/target/classes'), into, { recursive: true });
    cpSync(join(into, 'project/target/lib'), join(into, 'lib'), { recursive: true });
    rmSync(join(into, 'project'), { recursive: true });
  });
}

/** The launcher of images/java17 with AWS's client beside it. */
export async function javaLauncher(): Promise<string> {
  const dir = await cached('java-client', ['images/java17'], (into) => maven('images/java17', into));
  return join(dir, 'project/target/launch.jar');
}

async function maven(folder: string, into: string): Promise<void> {
  const project = join(into, 'project');
  cpSync(join(repoDir, folder), project, { recursive: true });
  await run('mvn', ['-B', '-ntp', 'package'], project);
}

function bootstraps(from: string, names: readonly string[], into: string): void {
  for (const name of names) {
    mkdirSync(join(into, name));
    cpSync(join(from, name), join(into, name, 'bootstrap'));
  }
}

/** A compilation, told of every 5 s: it may take minutes on a new machine, and nothing afterwards. */
async function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  let lines = 0;
  let last = '';
  const began = performance.now();
  step(`${command} ${args[0]} in ${cwd} (once; kept in the cache)`);
  const timer = setInterval(() => step(`${command}: ${Math.round((performance.now() - began) / 1000)} s, ${lines} lines, ${last}`), 5000);
  try {
    await exec(command, args, {
      cwd,
      env: { ...process.env, ...env },
      onStderr: (line) => {
        lines++;
        last = line.trim().slice(0, 80);
      },
    });
  } finally {
    clearInterval(timer);
  }
}
