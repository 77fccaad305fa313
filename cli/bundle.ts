import { chmodSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const REPOSITORY = path.resolve(import.meta.dirname, '..');

/** One file that runs wherever Node 24 is. Not in images/bundle.ts: no image holds it, and it needs a shebang and the x bit. */
export async function bundleCli(outfile: string): Promise<void> {
  await build({
    absWorkingDir: REPOSITORY,
    entryPoints: ['cli/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // yaml is CommonJS here and calls `require` for Node's own modules; an ES module has none of its own.
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    legalComments: 'none',
    logLevel: 'warning',
  });
  chmodSync(outfile, 0o755);
}

if (import.meta.main) await bundleCli(path.join(REPOSITORY, 'dist/lull.mjs'));
