import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { expect, it } from 'vitest';
import { inlineArchive } from './inline-archive.ts';

it('is the same bytes for the same files, whatever their order, and holds them', async () => {
  const long = `${'n'.repeat(120)}.txt`;
  const one = await inlineArchive({ 'app.py': 'print("ä")\n', [long]: 'x' });
  const other = await inlineArchive({ [long]: 'x', 'app.py': 'print("ä")\n' });
  expect(one.digest).toBe(other.digest);
  expect(one.digest).toMatch(/^[0-9a-f]{64}$/);
  const files: Record<string, string> = {};
  const tar = extract();
  tar.end(gunzipSync(one.bytes));
  for await (const entry of tar) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    files[entry.header.name] = Buffer.concat(chunks).toString();
  }
  expect(files).toEqual({ 'app.py': 'print("ä")\n', [long]: 'x' });
});
