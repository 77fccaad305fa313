import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeDigest } from '../../common/api/token.ts';

/** Writes the code into the task root. Throws when it is not what was asked for, or a name would leave the task root; then nothing is written. */
export function writeCode(files: Readonly<Record<string, string>>, digest: string, taskRoot: string): void {
  const actual = codeDigest(files);
  if (actual !== digest) throw new Error(`the code has digest ${actual.slice(0, 12)} where ${digest.slice(0, 12)} was asked for`);
  for (const name of Object.keys(files)) if (!isSafeName(name)) throw new Error(`"${name}" is no file name inside ${taskRoot}`);
  for (const [name, content] of Object.entries(files)) {
    const path = join(taskRoot, name);
    if (name.includes('/')) mkdirSync(dirname(path), { recursive: true });
    // A manifest has no modes: what names its interpreter is a program.
    writeFileSync(path, content, { mode: content.startsWith('#!') ? 0o755 : 0o644 });
  }
}

/** Relative, without empty parts, "." and "..", and without NUL. */
export function isSafeName(name: string): boolean {
  return !name.includes('\0') && !name.includes('\\') && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
