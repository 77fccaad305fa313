import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inputsOf } from './dockerfile.ts';

it('finds what an image is made from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lull-dockerfile-'));
  const file = join(folder, 'Dockerfile');
  writeFileSync(
    file,
    'FROM debian:trixie-slim AS packages\nCOPY images/a/list \\\n  images/b /x/\nRUN true\nFROM debian:trixie-slim\n' +
      'COPY --from=lull/runtime:dev /usr/local/bin/node /usr/local/bin/node\nCOPY --from=packages /x /x\n',
  );
  expect(inputsOf(file)).toEqual({ images: ['runtime'], suites: ['trixie'], paths: ['images/a/list', 'images/b'] });
  rmSync(folder, { recursive: true });
});
